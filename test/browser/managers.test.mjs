// What password managers find in the shipped pages, in a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { refuses, says, start, warns } from "./page.mjs";

const email = "ada@example.com";
const password = "seven ravens under the bridge";
const chosen = "four words of mine";

// F-A27: from the well-known address to a mail, and from its link to a form that names
// the account to password managers, as long as the link is good.
test("a password manager finds the page and the user name", async (t) => {
  const { service, open } = await start(t, { EMAIL_VERIFICATION_REQUIRED: "false" });
  assert.equal((await service.post("/email/register", { email, password })).status, 201);
  const forgot = await open(`${service.origin}/.well-known/change-password`);
  assert.equal(forgot.url(), `${service.origin}/api/auth/ui/forgot`);
  await forgot.getByRole("button", { name: "Send the mail" }).click();
  await refuses(forgot, "E-mail address", "Enter your e-mail address.");
  await forgot.getByLabel("E-mail address").fill(email);
  await forgot.getByLabel("E-mail address").press("Enter");
  await says(forgot, "a mail with a link is on its way to it");

  const link = await service.link("reset_password");
  assert.ok(!link.includes("ada"), "the link does not hold the address");
  const page = await open(link);
  const account = page.getByLabel("Account");
  await account.waitFor();
  assert.deepEqual(await account.evaluate((input) => [input.value, input.autocomplete, input.readOnly]), [email, "username", true]);
  const order = await page.locator("#form input").evaluateAll((inputs) => inputs.map((input) => input.autocomplete));
  assert.deepEqual(order.slice(0, 2), ["username", "new-password"], "the user name stands before the password");
  await page.getByLabel("New password").fill(chosen);
  await page.getByRole("button", { name: "Set the password" }).click();
  await says(page, "Your password is set");
  assert.equal((await service.post("/login", { email, password: chosen })).status, 200);

  const late = await open(link);
  await warns(late, "used already, has expired");
  assert.equal(await late.getByLabel("Account").isVisible(), false);
  assert.equal(await late.locator("#username").inputValue(), "", "a used link tells no address");
  assert.deepEqual(await late.getByRole("button").allTextContents(), ["Send a new mail"]);
});

// F-A17: pages, what they load and call, cookies and redirects follow the path of
// PUBLIC_URL.
test("everything follows the path of the public address", async (t) => {
  const { service, open, newContext } = await start(t, (port) => ({ PUBLIC_URL: `http://localhost:${port}/id` }));
  assert.equal((await service.post("/email/register", { email, password })).status, 202);
  const context = await newContext();
  const forgot = await open(`${service.origin}/.well-known/change-password`, context);
  assert.equal(forgot.url(), `${service.origin}/id/api/auth/ui/forgot`);
  await forgot.getByLabel("E-mail address").fill(email);
  await forgot.getByRole("button", { name: "Send the mail" }).click();
  await says(forgot, "a mail with a link is on its way to it");
  const link = await service.link("reset_password");
  assert.ok(link.startsWith(`${service.origin}/id/api/auth/ui/reset#token=`));
  const page = await open(link, context);
  await page.getByLabel("Account").waitFor();
  await page.getByLabel("New password").fill(chosen);
  await page.getByRole("button", { name: "Set the password" }).click();
  await says(page, "Your password is set");
  const device = (await context.cookies(`${service.origin}/id/api/auth/login`)).find((cookie) => cookie.name === "auth_device");
  assert.equal(device.path, "/id/api/auth");

  const docs = await open(`${service.origin}/id/api/auth/docs`, context);
  await docs.getByText("/api/auth/login", { exact: true }).waitFor();
  assert.equal(await docs.locator(".servers select").inputValue(), "/id");
});

// F-A27: the page works where the account cannot be named.
test("a reset works without the name of the account", async (t) => {
  const { service, open } = await start(t, {});
  assert.equal((await service.post("/email/register", { email, password })).status, 202);
  assert.equal((await service.post("/password/reset/request", { email })).status, 202);
  const link = await service.link("reset_password");
  const page = await open("about:blank");
  await page.route("**/password/reset/check", (route) => route.abort());
  await page.goto(link);
  await page.getByLabel("New password").fill(chosen);
  await page.getByRole("button", { name: "Set the password" }).click();
  await says(page, "Your password is set");
  assert.equal(await page.getByLabel("Account").isVisible(), false);
});
