// The libraries for Node.js. Each takes the settings of a verifier and returns a
// function that returns the claims of a good token and throws for every other one.
// `typed` adds the line of docs/keys.md.

import { createPublicKey } from "node:crypto";
import { JwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { auth } from "express-oauth2-jwt-bearer";
import { createVerifier } from "fast-jwt";
import buildGetJwks from "get-jwks";
import * as jose from "jose";
import jwt from "jsonwebtoken";
import jwksClient from "jwks-rsa";
import * as oauth from "oauth4webapi";

export const verifiers = {
  jose({ keys, secret, issuer, audience, algorithms, typed }) {
    const key = keys ? jose.createRemoteJWKSet(new URL(keys)) : new TextEncoder().encode(secret);
    const options = { issuer, audience, algorithms };
    if (typed) {
      Object.assign(options, { typ: "at+jwt" });
    }
    return async (token) => (await jose.jwtVerify(token, key, options)).payload;
  },

  oauth4webapi({ keys, issuer, audience, algorithms }) {
    const server = { issuer, jwks_uri: keys };
    const options = { signingAlgorithms: algorithms, [oauth.allowInsecureRequests]: true };
    return (token) => {
      const request = new Request("https://api.example.com/", { headers: { authorization: `Bearer ${token}` } });
      return oauth.validateJwtAccessToken(server, request, audience, options);
    };
  },

  "express-oauth2-jwt-bearer"({ keys, secret, issuer, audience, typed }) {
    const options = { issuer, audience };
    if (keys) {
      Object.assign(options, { jwksUri: keys });
    } else {
      Object.assign(options, { secret, tokenSigningAlg: "HS256" });
    }
    if (typed) {
      Object.assign(options, { strict: true });
    }
    const middleware = auth(options);
    return (token) => new Promise((resolve, reject) => {
      const headers = { host: "api.example.com", authorization: `Bearer ${token}` };
      const request = { method: "GET", headers, get: (name) => headers[name.toLowerCase()], protocol: "https", url: "/", query: {}, is: () => false };
      middleware(request, {}, (error) => (error ? reject(error) : resolve(request.auth.payload)));
    });
  },

  jsonwebtoken({ keys, secret, issuer, audience, algorithms, typed }) {
    const client = keys && jwksClient({ jwksUri: keys, cache: true });
    const find = (header, done) => {
      client.getSigningKey(header.kid).then((key) => done(null, key.getPublicKey()), done);
    };
    return async (token) => {
      const { header, payload } = await new Promise((resolve, reject) => {
        jwt.verify(token, client ? find : secret, { issuer, audience, algorithms, complete: true },
          (error, verified) => (error ? reject(error) : resolve(verified)));
      });
      if (typed) {
        if (header.typ !== "at+jwt") throw new Error("not an access token");
      }
      return payload;
    };
  },

  "aws-jwt-verify"({ keys, issuer, audience, typed }) {
    const options = { issuer, audience, jwksUri: keys };
    if (typed) {
      options.customJwtCheck = ({ header }) => { if (header.typ !== "at+jwt") throw new Error("not an access token"); };
    }
    // Its own fetcher wants HTTPS, which the service leaves to gateways.
    const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() };
    const verifier = JwtVerifier.create(options, { jwksCache: new SimpleJwksCache({ fetcher }) });
    return (token) => verifier.verify(token);
  },

  "fast-jwt"({ keys, secret, issuer, audience, algorithms, typed }) {
    const { origin, pathname } = new URL(keys || "http://unused");
    const find = async ({ header }) => {
      const key = await buildGetJwks({ jwksPath: pathname }).getJwk({ domain: origin, alg: header.alg, kid: header.kid });
      return createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" });
    };
    const options = { key: keys ? find : secret, algorithms, allowedIss: issuer, allowedAud: audience };
    if (typed) {
      Object.assign(options, { checkTyp: "at+jwt" });
    }
    const verify = createVerifier(options);
    return async (token) => verify(token);
  },
};
