// Every screen that a journey says it is at. Always: can everybody use it? A page that scrolls sideways on a phone has
// something cut off; contrast, names, roles and targets are right in every theme. And pictures for docs/screens/, only
// when `cargo xtask screens` asks for them.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { after } from "node:test";
import { join } from "node:path";
import { violations } from "./axe.mjs";
import { misfits } from "./fits.mjs";
import { shrink } from "./png.mjs";

const folder = process.env.COLDPATCH_SCREENS;
/** Which of `light`, `dark`, `sun` are pictured. */
const looks = (process.env.COLDPATCH_LOOKS ?? "light,dark").split(",");

/** Told at the end: one color on an early screen must not hide what a journey has to say about everything after it. */
const troubles = [];
let spent = 0;
let passed = 0;
after(() => {
  console.log(`${passed} screens looked at in ${Math.round(spent)} ms`);
  assert.deepEqual(troubles, [], "every screen can be used by everybody");
});

/** Looks at what the page shows just now, and takes `<name>-light.png` and `<name>-dark.png` of it if pictures are wanted. */
export async function screen(page, name) {
  const began = performance.now();
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const trouble of [...(await violations(page)), ...(await misfits(page))]) troubles.push(`${name}: ${trouble}`);
  await page.emulateMedia({ reducedMotion: null });
  spent += performance.now() - began;
  passed += 1;
  if (folder) await picture(page, name);
}

async function picture(page, name) {
  await mkdir(folder, { recursive: true });
  const before = await page.evaluate(() => document.documentElement.dataset.theme);
  for (const look of looks) {
    await page.emulateMedia({ colorScheme: look === "dark" ? "dark" : "light", reducedMotion: "reduce" });
    if (look === "sun") await wear(page, look);
    await page.mouse.move(0, 0);
    // Pictures from the phone's own database come a moment after the page.
    await page.waitForFunction(() => [...document.images].every((image) => image.complete || image.loading === "lazy"));
    const png = await page.screenshot({ animations: "disabled", caret: "hide" });
    await writeFile(join(folder, `${name}-${look}.png`), shrink(png));
  }
  await wear(page, before);
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}

/** Sets the theme; `undefined` is the device's own. */
function wear(page, theme) {
  return page.evaluate((theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  }, theme);
}
