// Pictures of the screens, for docs/screens/: only when `cargo xtask screens` asks for them. And, always, a look whether
// the screen fits: a page that scrolls sideways on a phone has something cut off.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shrink } from "./png.mjs";

const folder = process.env.COLDPATCH_SCREENS;

/** Takes `<name>-light.png` and `<name>-dark.png` of what the page shows just now, if pictures are wanted. */
export async function screen(page, name) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= room, `${name} is ${wide} px wide on a screen of ${room}`);
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.mouse.move(0, 0);
    // Pictures from the phone's own database come a moment after the page.
    await page.waitForFunction(() => [...document.images].every((image) => image.complete || image.loading === "lazy"));
    const png = await page.screenshot({ animations: "disabled", caret: "hide" });
    await writeFile(join(folder, `${name}-${colorScheme}.png`), shrink(png));
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
