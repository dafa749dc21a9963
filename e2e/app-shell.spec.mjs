// The app's files by themselves: they start, and start again with the server gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { launchOptions } from "./lib/browser.mjs";
import { serveFiles } from "./lib/files.mjs";

const pwa = process.env.COLDPATCH_PWA ?? fileURLToPath(new URL("../target/pwa", import.meta.url));

test("the app starts offline from the second visit on, at any of its addresses", { timeout: 60_000 }, async (t) => {
  const server = await serveFiles(pwa);
  const browser = await chromium.launch(launchOptions());
  t.after(async () => {
    await browser.close();
    await server.close().catch(() => {});
  });
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  // What Dioxus draws replaces the note for browsers without JavaScript.
  const drawn = page.locator("#main > :not(noscript)").first();

  await page.goto(`${server.origin}/app/`);
  await drawn.waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);

  await server.close();
  await page.goto(`${server.origin}/app/any/address`);
  await drawn.waitFor();
  assert.equal(new URL(page.url()).pathname.startsWith("/app/"), true);
  assert.deepEqual(errors, []);
});
