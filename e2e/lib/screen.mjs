// Pictures of the screens, for docs/screens/: only when `cargo xtask screens` asks for them.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

const folder = process.env.COLDPATCH_SCREENS;

/** Takes `<name>-light.png` and `<name>-dark.png` of what the page shows just now. Without `COLDPATCH_SCREENS`: nothing. */
export async function screen(page, name) {
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Pictures from the phone's own database come a moment after the page.
    await page.waitForFunction(() => [...document.images].every((image) => image.complete));
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), animations: "disabled", caret: "hide" });
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
}
