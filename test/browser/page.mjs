// What tests of the pages share: a browser, and what users of a page notice.

import assert from "node:assert/strict";

import { chromium } from "playwright-core";

import { Service } from "./service.mjs";

// Chromium refuses to run as root in its sandbox.
const sandbox = process.getuid() === 0 ? ["--no-sandbox"] : [];

// start returns a service with more variables of the environment, and a function that
// opens an address in a browser of its own, with more arguments and settings. Errors of
// pages fail the test.
export async function start(t, variables, { args = [], settings = {} } = {}) {
  const service = await Service.start(variables);
  t.after(() => service.stop());
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: [...sandbox, ...args] });
  t.after(() => browser.close());
  const problems = [];
  t.after(() => assert.deepEqual(problems, []));
  const open = async (address, context) => {
    const page = await (context ?? await browser.newContext(settings)).newPage();
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) {
        problems.push(message.text());
      }
    });
    await page.goto(address);
    return page;
  };
  return { service, open, newContext: () => browser.newContext(settings) };
}

// tokenOf returns the token of a link.
export const tokenOf = (link) => new URLSearchParams(new URL(link).hash.slice(1)).get("token");

// says waits for a good outcome.
export const says = (page, text) => page.getByRole("status").getByText(text).waitFor();

// warns waits for a warning that belongs to no field.
export const warns = (page, text) => page.getByRole("alert").getByText(text).waitFor();

// refuses waits until a field is refused for a reason: it is marked, has the focus, and
// the reason describes it.
export async function refuses(page, label, reason) {
  const field = page.getByLabel(label, { exact: true });
  await page.locator(".error", { hasText: reason }).waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.ok(await field.evaluate((input) => input === document.activeElement), "the field has the focus");
  const described = await field.evaluate((input) => input.getAttribute("aria-describedby").split(" ")
    .map((id) => document.getElementById(id).textContent).join(" "));
  assert.ok(described.includes(reason), described);
  assert.ok(!(await page.getByRole("alert").textContent()).includes(reason), "no alert as well");
}
