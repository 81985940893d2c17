"""Verifies tokens with libraries for Python.

It reads one question a line and writes one answer a line, both in JSON; main_test.go
knows their members. Each library takes the settings of a verifier and returns a
function that returns the claims of a good token and raises for every other one.
`typed` adds the line of docs/keys.md.
"""

import json
import sys
import urllib.request

import authlib.jose
import jose.jwt
import jwt


def pyjwt(s):
    keys = s["keys"] and jwt.PyJWKClient(s["keys"])

    def verify(token):
        key = keys.get_signing_key_from_jwt(token).key if keys else s["secret"]
        claims = jwt.decode(
            token, key, algorithms=s["algorithms"], issuer=s["issuer"], audience=s["audience"]
        )
        header = jwt.get_unverified_header(token)
        if s["typed"]:
            if header.get("typ") != "at+jwt": raise ValueError("not an access token")
        return claims

    return verify


def authlib_jose(s):
    decoder = authlib.jose.JsonWebToken(s["algorithms"])
    options = {
        "iss": {"essential": True, "value": s["issuer"]},
        "aud": {"essential": True, "value": s["audience"]},
        "exp": {"essential": True},
    }
    keys = authlib.jose.JsonWebKey.import_key_set(fetch(s["keys"])) if s["keys"] else s["secret"]

    def verify(token):
        claims = decoder.decode(token, keys, claims_options=options)
        claims.validate()
        header = claims.header
        if s["typed"]:
            if header.get("typ") != "at+jwt": raise ValueError("not an access token")
        return claims

    return verify


def python_jose(s):
    keys = fetch(s["keys"])["keys"] if s["keys"] else []

    def verify(token):
        header = jose.jwt.get_unverified_header(token)
        key = s["secret"] or {"keys": [k for k in keys if k["kid"] == header.get("kid")]}
        claims = jose.jwt.decode(
            token, key, algorithms=s["algorithms"], issuer=s["issuer"], audience=s["audience"]
        )
        if s["typed"]:
            if header.get("typ") != "at+jwt": raise ValueError("not an access token")
        return claims

    return verify


def python_jose_whole_set(s):
    """Gives python-jose the whole set, which docs/keys.md warns of."""
    keys = fetch(s["keys"])
    return lambda token: jose.jwt.decode(
        token, keys, algorithms=s["algorithms"], issuer=s["issuer"], audience=s["audience"]
    )


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


VERIFIERS = {"PyJWT": pyjwt, "Authlib": authlib_jose, "python-jose": python_jose,
             "python-jose with the whole set": python_jose_whole_set}


def main():
    made = {}
    for line in sys.stdin:
        question = json.loads(line)
        token = question.pop("token")
        name = json.dumps(question)
        try:
            if name not in made:
                made[name] = VERIFIERS[question["verifier"]](question)
            answer = {"subject": made[name](token)["sub"]}
        except Exception as error:  # every library has its own kinds
            answer = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
