// The shipped page that confirms an address, in a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { refuses, says, start as begin } from "./page.mjs";

const email = "ada@example.com";
const password = "correct horse battery";
const chosen = "seven ravens under the bridge";
const unknown = /I don’t know it/;

// start returns a service, and a function that opens the page of a link in a browser of
// its own, from a mail that another site shows.
async function start(t, variables) {
  const { service, open, newContext } = await begin(t, variables);
  const follow = async (context, link) => {
    await context.route("http://mail.example/", (route) => route.fulfill({ contentType: "text/html", body: `<a href="${link}">Confirm</a>` }));
    const page = await open("http://mail.example/", context);
    await page.getByRole("link").click();
    await page.getByRole("heading", { name: "Confirm your e-mail address" }).waitFor();
    return page;
  };
  return { service, follow, newContext };
}

// register registers in a browser, as a page of the same origin does.
async function register(context, service, body) {
  const page = await context.newPage();
  await page.goto(`${service.origin}/api/auth/ui/reset`);
  const status = await page.evaluate(async (content) => {
    const response = await fetch("/api/auth/email/register", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content),
    });
    return response.status;
  }, body);
  await page.close();
  return status;
}

const confirm = (page) => page.getByRole("button", { name: "Confirm address" }).click();

async function chooseByMail(service, context) {
  const page = await context.newPage();
  await page.goto(await service.link("reset_password"));
  await page.getByLabel("New password").fill(chosen);
  await page.getByRole("button", { name: "Set the password" }).click();
  await says(page, "Your password is set");
}

// F-H2: a stranger registers the address of the owner, who presses the button in the
// genuine mail. In both modes the stranger gains nothing.
for (const required of ["true", "false"]) {
  test(`a stranger's password never signs in; verification required: ${required}`, async (t) => {
    const { service, follow, newContext } = await start(t, { EMAIL_VERIFICATION_REQUIRED: required });
    const answer = await service.post("/email/register", { email, password });
    assert.equal(answer.status, required === "true" ? 202 : 201);
    const stranger = await service.post("/login", { email, password });
    assert.equal(stranger.status, required === "true" ? 403 : 200);

    const context = await newContext();
    const page = await follow(context, await service.link("verify_email"));
    assert.equal(await page.getByLabel("Password", { exact: true }).isVisible(), false);
    assert.equal(await page.getByRole("button", { name: unknown }).isVisible(), false);
    await confirm(page);
    await page.getByLabel("Password", { exact: true }).waitFor();
    const before = await service.post("/login", { email, password });
    assert.equal(before.status, stranger.status, "nothing is confirmed by the press alone");

    await page.getByRole("button", { name: unknown }).click();
    await says(page, "A mail to choose a password of your own is on its way");
    assert.equal((await service.post("/login", { email, password })).status, 401);
    if (required === "false") {
      assert.equal((await service.post("/refresh", { refresh_token: stranger.body.refresh_token })).status, 401);
    }
    await chooseByMail(service, context);
    assert.equal((await service.post("/login", { email, password })).status, 401);
    assert.equal((await service.post("/login", { email, password: chosen })).status, 200);
  });
}

test("the browser that registered confirms with one press", async (t) => {
  const { service, follow, newContext } = await start(t, {});
  const context = await newContext();
  assert.equal(await register(context, service, { email, password }), 202);
  const cookie = (await context.cookies()).find(({ name }) => name === "auth_registration");
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path, cookie.value.length], [true, "Strict", "/api/auth", 43]);

  const page = await follow(context, await service.link("verify_email"));
  await confirm(page);
  await says(page, `${email} is confirmed.`);
  assert.equal((await service.post("/login", { email, password })).status, 200);
});

test("another browser confirms with the password", async (t) => {
  const { service, follow, newContext } = await start(t, {});
  assert.equal(await register(await newContext(), service, { email, password }), 202);

  const page = await follow(await newContext(), await service.link("verify_email"));
  await confirm(page);
  const field = page.getByLabel("Password", { exact: true });
  await field.waitFor();
  await confirm(page);
  await refuses(page, "Password", "Enter the password");
  await field.fill("a guess of somebody");
  await confirm(page);
  await refuses(page, "Password", "This is not the password");
  assert.equal((await service.post("/login", { email, password })).status, 403, "not confirmed");
  await field.fill(password);
  await field.press("Enter");
  await says(page, `${email} is confirmed.`);
  assert.equal((await service.post("/login", { email, password })).status, 200);
});

// The owner registers after a stranger, beyond the limit on mails: the link in one of the
// stranger's mails works, and nobody is asked for a password that is gone.
test("an account without a password asks for none", async (t) => {
  const { service, follow, newContext } = await start(t, { RATE_LIMIT_REGISTER_IP: "off" });
  for (let n = 0; n < 5; n += 1) {
    assert.equal((await service.post("/email/register", { email, password })).status, 202);
  }
  const link = await service.link("verify_email");
  const context = await newContext();
  assert.equal(await register(context, service, { email, password: chosen }), 202, "a limit on mails refuses no registration");

  const page = await follow(context, link);
  await confirm(page);
  await says(page, `${email} is confirmed.`);
  assert.equal((await service.post("/login", { email, password })).status, 401);
  await chooseByMail(service, context);
  assert.equal((await service.post("/login", { email, password: chosen })).status, 200);
});
