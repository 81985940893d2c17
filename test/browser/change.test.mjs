// The shipped pages that confirm and undo a change of address, in a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";

import { refuses, start } from "./page.mjs";

const email = "ada@example.com";
const moved = "ada@example.org";
const password = "seven ravens under the bridge";

// F-M5, F-M6: the page of the new address names the account and asks for its password; the
// page of the former address brings the account back by one button.
test("a change of address is confirmed by the account and undone by its owner", async (t) => {
  const { service, open } = await start(t, {});

  assert.equal((await service.post("/email/register", { email, password })).status, 202);
  const token = new URL(await service.link("verify_email")).hash.replace("#token=", "");
  assert.equal((await service.post("/email/verify", { token })).status, 200);
  const login = await service.post("/login", { email, password });
  const asked = await fetch(`${service.origin}/api/auth/email/change`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${login.body.access_token}` },
    body: JSON.stringify({ new_email: moved, current_password: password }),
  });
  assert.equal(asked.status, 202);

  const change = await service.link("change_email");
  const page = await open(change.replace(/account=.*/, "account=Call%20us"));
  assert.equal(await page.getByText("Call us").count(), 0, "the words of a forged link are not shown");
  await page.goto("about:blank");
  await page.goto(change);
  await page.getByText("present address is a***@example.com").waitFor();
  assert.equal(new URL(page.url()).hash, "", "the token leaves the history");
  await page.getByLabel("Password of the account").fill("not the password of ada");
  await page.getByRole("button", { name: "Use the new address" }).click();
  await refuses(page, "Password of the account", "not the password");
  await page.getByLabel("Password of the account").fill(password);
  await page.getByRole("button", { name: "Use the new address" }).click();
  await page.getByRole("status").getByText(`now uses ${moved}`).waitFor();

  await page.goto(await service.link("undo_email"));
  await page.getByText("all devices are signed out").waitFor();
  await page.getByRole("button", { name: "Undo the change" }).click();
  await page.getByRole("status").getByText(`back at ${email}`).waitFor();
  assert.equal((await service.post("/login", { email, password })).status, 401, "the password is gone");
  assert.ok(await service.link("reset_password"));
});
