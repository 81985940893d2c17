// The shipped page for a new password, in a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { chromium } from "playwright-core";

import { Service } from "./service.mjs";

const email = "ada@example.com";
const forgotten = "the password that ada forgot";
// Chromium refuses to run as root in its sandbox.
const sandbox = process.getuid() === 0 ? ["--no-sandbox"] : [];
const chosen = "seven ravens under the bridge";

// F-H4: an owner who resets the password while strangers use up the account's allowance
// signs in from that browser at once, by the cookie that the page kept.
test("a reset lets its browser in while the allowance is used up", async (t) => {
  const service = await Service.start({ RATE_LIMIT_LOGIN_ACCOUNT: "3/10h", RATE_LIMIT_LOGIN_IP: "off" });
  t.after(() => service.stop());
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: sandbox });
  t.after(() => browser.close());

  assert.equal((await service.post("/email/register", { email, password: forgotten })).status, 202);
  const token = new URL(await service.link("verify_email")).hash.replace("#token=", "");
  assert.equal((await service.post("/email/verify", { token })).status, 200);
  assert.equal((await service.post("/password/reset/request", { email })).status, 202);
  let guess;
  for (let n = 0; n < 10 && guess?.status !== 429; n += 1) {
    guess = await service.post("/login", { email, password: `guess number ${n}` });
  }
  assert.equal(guess.status, 429, "the allowance is used up");

  const context = await browser.newContext();
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(error));
  await page.goto(await service.link("reset_password"));
  await page.getByLabel("New password").fill(chosen);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByRole("status").getByText("Your password is set").waitFor();
  assert.deepEqual(problems, []);

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
