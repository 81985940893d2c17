// Cookies that a neighbouring host plants, in a real browser over TLS.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { says, start } from "./page.mjs";

const email = "ada@example.com";
const password = "correct horse battery";

// certificate returns a key and a certificate that only this run knows.
function certificate() {
  const folder = mkdtempSync(join(tmpdir(), "auth-tls-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
      "-subj", "/CN=shop.example", "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// hosts ends TLS for auth.shop.example, where the service is, and for its neighbour
// app.shop.example, which sets the cookies it is told to.
async function hosts(t) {
  const at = { service: null, planted: [] };
  const server = createServer(certificate(), (asked, answer) => {
    if (asked.headers.host.startsWith("app.")) {
      answer.setHeader("Set-Cookie", at.planted);
      answer.end("<title>app</title>");
      return;
    }
    const passed = request(`${at.service}${asked.url}`, { method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    asked.pipe(passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => { server.closeAllConnections(); server.close(); });
  at.port = server.address().port;
  return at;
}

// F-H2, S-40: a stranger registers the address of the owner, and a neighbouring host
// plants the stranger's cookie. The owner's press proves nothing then, and the cookie of
// an owner who registered in this browser stays good.
test("a neighbouring host cannot plant the cookie of a registration", async (t) => {
  const at = await hosts(t);
  const [own, neighbour] = ["auth", "app"].map((host) => `https://${host}.shop.example:${at.port}`);
  const { service, open, newContext } = await start(t, { PUBLIC_URL: own }, {
    args: ["--host-resolver-rules=MAP *.shop.example 127.0.0.1"], settings: { ignoreHTTPSErrors: true },
  });
  at.service = service.origin;

  const stranger = await fetch(`${service.origin}/api/auth/email/register`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email, password }),
  });
  assert.equal(stranger.status, 202);
  const [, secret] = stranger.headers.get("set-cookie").match(/^__Host-auth_registration=([A-Za-z0-9_-]{43}); Path=\/; /);
  at.planted = ["Domain=shop.example; Path=/", "Domain=shop.example; Path=/api/auth", "Path=/"].flatMap((attributes) => [
    `auth_registration=${secret}; Secure; ${attributes}`, `__Host-auth_registration=${secret}; Secure; ${attributes}`,
  ]);
  const context = await newContext();
  await open(neighbour, context);
  const seen = (await context.cookies(`${own}/api/auth/email/verify`)).map(({ name }) => name);
  assert.deepEqual([...new Set(seen)], ["auth_registration"], "the plain name alone reaches the service");
  const first = await service.link("verify_email");
  const page = await open(first, context);
  await page.getByRole("button", { name: "Confirm address" }).click();
  await page.getByLabel("Password", { exact: true }).waitFor();

  const registered = await open(`${own}/api/auth/ui/forgot`, context);
  const status = await registered.evaluate(async (body) => {
    const response = await fetch("/api/auth/email/register", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    return response.status;
  }, { email: "grace@example.com", password });
  assert.equal(status, 202);
  await open(neighbour, context);
  const [bound] = (await context.cookies(own)).filter(({ name }) => name === "__Host-auth_registration");
  assert.deepEqual([bound.domain, bound.path, bound.secure, bound.httpOnly, bound.sameSite], ["auth.shop.example", "/", true, true, "Strict"]);
  assert.notEqual(bound.value, secret);
  const link = await service.until("the mail to grace", async () => {
    const newest = await service.link("verify_email");
    return newest === first ? null : newest;
  });
  const confirmed = await open(link, context);
  await confirmed.getByRole("button", { name: "Confirm address" }).click();
  await says(confirmed, "grace@example.com is confirmed.");
});
