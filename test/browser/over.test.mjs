// The shipped pages once their link is of no use, in a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { refuses, says, start, tokenOf, warns } from "./page.mjs";

const email = "ada@example.com";
const password = "seven ravens under the bridge";
const product = "Example Shop";
const used = "used already, has expired";
const unknown = "#token=" + "A".repeat(43);

// isOver asserts that a page has no button but those named, and shows the product.
async function isOver(page, ...buttons) {
  await warns(page, used);
  assert.deepEqual(await page.getByRole("button").allTextContents(), buttons);
  assert.match(await page.title(), new RegExp(` · ${product}$`));
  assert.ok(await page.getByText(product, { exact: true }).isVisible());
}

// F-E7: a link that confirmed an address says so when it is opened again later, and a
// form asks for a new mail.
test("a used confirmation link has no dead button and offers a new mail", async (t) => {
  const { service, open } = await start(t, { PRODUCT_NAME: product, RATE_LIMIT_TOKEN_IP: "off" });
  assert.equal((await service.post("/email/register", { email, password })).status, 202);
  const link = await service.link("verify_email");
  const page = await open(link);
  const late = await open(link);
  await page.getByRole("button", { name: "Confirm address" }).click();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Confirm address" }).click();
  await says(page, `${email} is confirmed.`);
  // The same token confirms again for ten seconds.
  await service.until("a used link", async () => (await service.post("/email/verify", { token: tokenOf(link) })).status === 400);

  await late.getByRole("button", { name: "Confirm address" }).click();
  await isOver(late, "Send a new mail");
  await late.getByText("may be confirmed already: try to sign in").waitFor();
  assert.equal((await service.post("/login", { email, password })).status, 200);

  await late.getByRole("button", { name: "Send a new mail" }).click();
  await refuses(late, "E-mail address", "Enter your e-mail address.");
  await late.getByLabel("E-mail address").fill("nobody");
  await late.getByRole("button", { name: "Send a new mail" }).click();
  await refuses(late, "E-mail address", "address");
  await late.getByLabel("E-mail address").fill("grace@example.com");
  assert.equal(await late.getByLabel("E-mail address").getAttribute("aria-invalid"), "false");

  assert.equal((await service.post("/email/register", { email: "grace@example.com", password })).status, 202);
  const newer = (than) => service.until("another mail", async () => {
    const newest = await service.link("verify_email");
    return newest === than ? null : newest;
  });
  const first = await newer(link);
  await late.getByRole("button", { name: "Send a new mail" }).click();
  await says(late, "a mail with a new link is on its way to it");
  assert.equal(await late.getByRole("button").count(), 0);
  assert.equal((await service.post("/email/verify", { token: tokenOf(await newer(first)) })).status, 200);
});

// F-E7: the other pages, with the token of no mail.
test("pages say what to do instead once their link is over", async (t) => {
  const { service, open } = await start(t, { PRODUCT_NAME: product });
  assert.equal((await service.post("/email/register", { email, password })).status, 202);
  assert.equal((await service.post("/email/verify", { token: tokenOf(await service.link("verify_email")) })).status, 200);

  const change = await open(`${service.origin}/api/auth/ui/change${unknown}`);
  await change.getByRole("button", { name: "Use the new address" }).click();
  await refuses(change, "Password of the account", "Enter the password");
  await change.getByLabel("Password of the account").fill(password);
  await change.getByRole("button", { name: "Use the new address" }).click();
  await isOver(change);
  await change.getByText("sign in with the new address").waitFor();

  const undo = await open(`${service.origin}/api/auth/ui/undo${unknown}`);
  await undo.getByRole("button", { name: "Undo the change" }).click();
  await isOver(undo, "Send a new mail");
  await undo.getByText(`ask the people who run ${product}`).waitFor();
  await undo.getByLabel("E-mail address").fill(email);
  await undo.getByRole("button", { name: "Send a new mail" }).click();
  await says(undo, "a mail to choose a password is on its way");
  assert.ok(await service.link("reset_password"));
});

// F-E7: a link that lost its end in the mail program.
test("a page without a token offers a new mail", async (t) => {
  const { service, open } = await start(t, {});
  for (const [page, buttons] of [["verify", 1], ["reset", 1], ["undo", 1], ["change", 0]]) {
    const opened = await open(`${service.origin}/api/auth/ui/${page}`);
    await warns(opened, "needs the link from the mail");
    assert.equal(await opened.getByRole("button").count(), buttons, page);
    assert.match(await opened.title(), / · Auth Service$/);
  }
});

// F-E7: what is wrong with a field stands beside it, whether the page or the service
// says so; what belongs to no field is an alert.
test("errors are tied to their fields", async (t) => {
  const { service, open } = await start(t, {});
  assert.equal((await service.post("/email/register", { email, password })).status, 202);
  assert.equal((await service.post("/password/reset/request", { email })).status, 202);
  const page = await open(await service.link("reset_password"));
  const set = () => page.getByRole("button", { name: "Set the password" }).click();
  await page.getByLabel("New password").fill("short");
  await set();
  await refuses(page, "New password", "at least 8 characters");
  await page.getByLabel("New password").fill("password123");
  await set();
  await refuses(page, "New password", "common");
  await page.getByLabel("New password").fill(password);
  await page.context().setOffline(true);
  await set();
  await warns(page, "could not be reached");
  assert.equal(await page.getByLabel("New password").getAttribute("aria-invalid"), "false");
  await page.context().setOffline(false);
  await set();
  await says(page, "Your password is set");
  assert.equal(await page.getByRole("alert").textContent(), "");
});
