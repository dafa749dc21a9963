// The page of all components: asked for what nobody could use, and pictured. `cargo xtask gallery` runs this:
// node gallery.mjs <page> <picture>
import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { violations } from "../lib/axe.mjs";
import { launchOptions } from "../lib/browser.mjs";
import { shrink } from "../lib/png.mjs";

const [from, to] = process.argv.slice(2);
const browser = await chromium.launch(launchOptions());
const page = await browser.newPage({ viewport: { width: 1248, height: 800 }, reducedMotion: "reduce" });
await page.goto(pathToFileURL(from).href);
// Each look has a column of its own, which what the page wears does not change; what the sun asks for is for its column.
const found = (await violations(page)).filter((each) => /^light: |data-theme="sun"/.test(each));
await writeFile(to, shrink(await page.screenshot({ fullPage: true, animations: "disabled" })));
await browser.close();
if (found.length) {
  console.error(found.join("\n"));
  process.exitCode = 1;
}
