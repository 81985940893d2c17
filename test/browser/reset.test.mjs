// The shipped page for a new password, in a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { says, start } from "./page.mjs";

const email = "ada@example.com";
const forgotten = "the password that ada forgot";
const chosen = "seven ravens under the bridge";

// F-H4: an owner who resets the password while strangers use up the account's allowance
// signs in from that browser at once, by the cookie that the page kept.
test("a reset lets its browser in while the allowance is used up", async (t) => {
  const { service, open, newContext } = await start(t, { RATE_LIMIT_LOGIN_ACCOUNT: "3/10h", RATE_LIMIT_LOGIN_IP: "off" });

  assert.equal((await service.post("/email/register", { email, password: forgotten })).status, 202);
  const token = new URL(await service.link("verify_email")).hash.replace("#token=", "");
  assert.equal((await service.post("/email/verify", { token })).status, 200);
  assert.equal((await service.post("/password/reset/request", { email })).status, 202);
  let guess;
  for (let n = 0; n < 10 && guess?.status !== 429; n += 1) {
    guess = await service.post("/login", { email, password: `guess number ${n}` });
  }
  assert.equal(guess.status, 429, "the allowance is used up");

  const context = await newContext();
  const page = await open(await service.link("reset_password"), context);
  await page.getByLabel("New password").fill(chosen);
  await page.getByRole("button", { name: "Set the password" }).click();
  await says(page, "Your password is set");

  const device = (await context.cookies()).find((cookie) => cookie.name === "auth_device");
  assert.ok(device, "the page keeps the cookie of the device");
  assert.deepEqual([device.httpOnly, device.sameSite, device.path], [true, "Strict", "/api/auth"]);

  const login = { email, password: chosen };
  assert.equal((await service.post("/login", login)).status, 429, "another device waits");
  const here = await page.evaluate(async (body) => {
    const response = await fetch("/api/auth/login", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    return response.status;
  }, login);
  assert.equal(here, 200, "the browser that made the reset signs in");
});

test("an invitation welcomes its reader", async (t) => {
  const { service, open } = await start(t);
  const root = { email: "root@example.com", password: forgotten };
  await service.command(["user", "create", "--email", root.email, "--role", "admin"], root.password);
  const { body: admin } = await service.post("/login", root);
  assert.equal((await service.post("/admin/users", { email }, admin.access_token)).status, 201);

  const page = await open(await service.link("invitation"));
  await page.getByRole("heading", { name: "Your invitation: choose a password" }).waitFor();
  assert.match(await page.title(), /^Your invitation · /);
  await page.getByLabel("New password").fill(chosen);
  await page.getByRole("button", { name: "Set the password" }).click();
  await says(page, "your account is ready");
  assert.equal((await service.post("/login", { email, password: chosen })).status, 200);
});
