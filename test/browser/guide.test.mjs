// The program of docs/from-a-browser.md, in a real browser, on another origin than the
// service.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";

import { start, tokenOf } from "./page.mjs";

const email = "ada@example.com";
const password = "seven ravens under the bridge";
const another = "eleven ravens above the bridge";

const guide = await readFile(new URL("../../docs/from-a-browser.md", import.meta.url), "utf8");

// files returns the files of the guide: blocks whose first line names them.
function files() {
  const found = {};
  for (const [, script, page, text] of guide.matchAll(/```(?:js|html)\n(?:\/\/ (\w+\.js)|<!-- (\w+\.html) -->)\n([^]*?)```/g)) {
    found[script ?? page] = text;
  }
  return found;
}

// serve serves the files of the guide at an origin of their own, for the service whose
// origin is known later.
async function serve(t, service) {
  const program = files();
  assert.deepEqual(Object.keys(program), ["auth.js", "app.js", "index.html"]);
  const types = { js: "text/javascript", html: "text/html" };
  const server = createServer((request, response) => {
    const name = request.url === "/" ? "index.html" : request.url.slice(1);
    response.setHeader("Content-Type", types[name.split(".")[1]] ?? "text/plain");
    const text = (program[name] ?? "").replaceAll("http://localhost:8000", service.origin);
    response.writeHead(text ? 200 : 404).end(text);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  t.after(() => { server.closeAllConnections(); server.close(); });
  return `http://localhost:${server.address().port}`;
}

// shop starts the service with a confirmed account, and the pages of the guide.
async function shop(t, variables) {
  const service = {};
  const address = await serve(t, service);
  const started = await start(t, { CORS_ALLOWED_ORIGINS: address, ...variables });
  service.origin = started.service.origin;
  assert.equal((await started.service.post("/email/register", { email, password })).status, 202);
  const token = tokenOf(await started.service.link("verify_email"));
  assert.equal((await started.service.post("/email/verify", { token })).status, 200);
  return { ...started, address };
}

const signedIn = (page) => page.getByText(`Signed in as ${email}`).waitFor();

async function signIn(page, word = password) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(word);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const refreshToken = (page) => page.evaluate(() => sessionStorage.getItem("refresh_token"));

// strict makes every second use of a refresh token a reuse, so that only the program of
// the guide keeps tabs apart.
const strict = { REFRESH_GRACE_SECONDS: "0", REFRESH_UNSEEN_MINUTES: "0" };

test("the guide's page signs in on another origin, stays signed in and signs out", async (t) => {
  const { service, open, newContext, address } = await shop(t, {});
  const context = await newContext();
  const page = await open(address, context);
  await signIn(page, "not the password of ada");
  await page.getByRole("alert").getByText("The address or the password is not right.").waitFor();
  await signIn(page);
  await signedIn(page);
  assert.deepEqual(await context.cookies(), [], "no cookie passes between origins");
  const stored = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
  assert.deepEqual(stored, ["device_token", "refresh_token"], "the access token is in memory only");

  await page.reload();
  await signedIn(page);
  const last = await refreshToken(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("E-mail").waitFor();
  assert.equal(await refreshToken(page), null);
  assert.equal((await service.post("/refresh", { refresh_token: last })).status, 401, "the session has ended");
  await page.reload();
  await page.getByLabel("E-mail").waitFor();
});

test("a password that must change is replaced at the login", async (t) => {
  const { service, open, address } = await shop(t, {});
  await service.command(["user", "require-password-change", email]);
  const page = await open(address);
  await signIn(page);
  await page.getByRole("alert").getByText("Your password must change.").waitFor();
  assert.equal(await page.getByLabel("E-mail").isHidden(), true);
  const replace = async (word) => {
    await page.getByLabel("New password").fill(word);
    await page.getByRole("button", { name: "Set the password" }).click();
  };
  await replace(password);
  await page.getByRole("alert").getByText("current one").waitFor();
  await replace(another);
  await signedIn(page);
  assert.equal(await page.getByLabel("New password").isHidden(), true);
  await page.getByRole("button", { name: "Sign out" }).click();
  await signIn(page, another);
  await signedIn(page);
});

// F-H2: the cookie of a registration does not reach another origin, so a proof is asked for.
test("a registration on another origin is confirmed by the password", async (t) => {
  const { service, open, address } = await shop(t, {});
  const page = await open(address);
  const call = (name, ...values) => page.evaluate(async ([method, args]) => {
    const auth = await import("/auth.js");
    return auth[method](...args).then((answer) => answer?.result ?? "done", (error) => error.code);
  }, [name, values]);
  const eve = ["eve@example.com", password];
  assert.equal(await call("register", "eve@example.com", "short"), "password_too_short");
  assert.equal(await call("register", ...eve), "verification_sent");
  const mail = await service.until("her mail", async () => {
    const response = await fetch(service.mailbox, { headers: { Accept: "application/json" } });
    return (await response.json()).mails.find(({ to, kind }) => to === eve[0] && kind === "verify_email");
  });
  const token = tokenOf(mail.link);
  assert.equal(await call("confirmEmail", token, {}), "proof_required");
  assert.equal(await call("confirmEmail", token, { password: another }), "wrong_password");
  assert.equal(await call("confirmEmail", token, { password }), "done");
  assert.equal(await call("login", ...eve), "done");
});

test("the mails of the guide have the members that the service gives them", async (t) => {
  const key = "a-fixed-key-of-the-mailbox";
  const { service } = await shop(t, { MAILBOX_KEY: key });
  const response = await fetch(`${service.origin}/api/auth/dev/mailbox?key=${key}`, { headers: { Accept: "application/json" } });
  const { mails } = JSON.parse(guide.match(/```json\n([^]*?)```/)[1]);
  assert.deepEqual(Object.keys((await response.json()).mails[0]), Object.keys(mails[0]));
});

test("calls at one time refresh once, and a refused access token is replaced", async (t) => {
  const { open, address } = await shop(t, strict);
  const page = await open(address);
  await signIn(page);
  await signedIn(page);
  let refreshes = 0;
  page.on("request", (request) => { refreshes += request.method() === "POST" && request.url().endsWith("/refresh") ? 1 : 0; });
  const calls = () => page.evaluate(async () => {
    const { me } = await import("/auth.js");
    return Promise.all(Array.from({ length: 8 }, async () => (await me()).email));
  });
  let spoilt = 0;
  await page.route("**/api/auth/me", (route) => {
    spoilt += 1;
    return route.continue(spoilt > 8 ? {} : { headers: { ...route.request().headers(), authorization: "Bearer expired" } });
  });
  assert.deepEqual(new Set(await calls()), new Set([email]));
  assert.equal(refreshes, 1);
  await calls();
  assert.equal(refreshes, 1);
});

test("a lost answer to a refresh signs nobody out", async (t) => {
  const { open, address } = await shop(t, {});
  const page = await open(address);
  await signIn(page);
  await signedIn(page);
  const used = await refreshToken(page);
  await page.route("**/api/auth/refresh", async (route) => {
    await route.fetch(); // the service has exchanged the token
    await route.abort();
  }, { times: 1 });
  await page.reload();
  await page.getByRole("alert").getByText("Failed to fetch").waitFor();
  assert.equal(await refreshToken(page), used, "the token is kept");
  await page.reload();
  await signedIn(page);
});

test("a duplicated tab shares the session in sessionStorage", async (t) => {
  const { open, address } = await shop(t, strict);
  const page = await open(address);
  await signIn(page);
  await signedIn(page);
  const [copy] = await Promise.all([page.context().waitForEvent("page"), page.evaluate(() => { window.open("/"); })]);
  await signedIn(copy);
  const shared = await refreshToken(copy);
  await page.waitForFunction((want) => sessionStorage.getItem("refresh_token") === want, shared);
  for (const [one, other] of [[page, copy], [copy, page], [page, copy]]) {
    await one.reload();
    await signedIn(one);
    const token = await refreshToken(one);
    await other.waitForFunction((want) => sessionStorage.getItem("refresh_token") === want, token);
  }
  const stranger = await open(address, page.context());
  await stranger.getByLabel("E-mail").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await copy.waitForFunction(() => sessionStorage.getItem("refresh_token") === null);
});

test("duplicated tabs that refresh at one time stay signed in", async (t) => {
  const { open, address } = await shop(t, {});
  const pages = [await open(address)];
  await signIn(pages[0]);
  await signedIn(pages[0]);
  for (let n = 0; n < 2; n += 1) {
    const [copy] = await Promise.all([pages[0].context().waitForEvent("page"), pages[0].evaluate(() => { window.open("/"); })]);
    await signedIn(copy);
    pages.push(copy);
  }
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(pages.map((page) => page.reload()));
    await Promise.all(pages.map(signedIn));
  }
});

// F-H4: the device_token of the body is worth as much as the cookie, after a login, a
// change and a reset.
test("the device is known again on another origin, and a limit names the time to wait", async (t) => {
  const { service, open, address } = await shop(t, { RATE_LIMIT_LOGIN_ACCOUNT: "2/10h", RATE_LIMIT_LOGIN_IP: "off" });
  const page = await open(address);
  await signIn(page);
  await signedIn(page);
  for (let n = 0, guess; guess?.status !== 429; n += 1) {
    assert.ok(n < 10, "the allowance is used up");
    guess = await service.post("/login", { email, password: `guess number ${n}` });
  }
  const elsewhere = await open(address);
  await signIn(elsewhere);
  await elsewhere.getByRole("alert").getByText(/Wait \d+ seconds/).waitFor();
  assert.equal(await elsewhere.getByRole("button", { name: "Sign in" }).isDisabled(), true);

  const again = async (word) => {
    await page.getByRole("button", { name: "Sign out" }).click();
    await signIn(page, word);
    await signedIn(page);
  };
  await again(password);
  await page.evaluate(async (words) => (await import("/auth.js")).changePassword(...words), [password, another]);
  await again(another);
  assert.equal((await service.post("/password/reset/request", { email })).status, 202);
  const token = tokenOf(await service.link("reset_password"));
  await page.evaluate(async (words) => (await import("/auth.js")).resetPassword(...words), [token, password]);
  await page.reload();
  await signIn(page, password);
  await signedIn(page);
});
