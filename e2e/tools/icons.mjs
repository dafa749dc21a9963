// Draws mobile/web/icons/*.png from icon.svg. Run by hand after a change of the drawing; the results are committed.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { launchOptions } from "../lib/browser.mjs";

const folder = new URL("../../mobile/web/icons/", import.meta.url);
const svg = (await readFile(new URL("icon.svg", folder), "utf8")).replace(/<!--.*?-->/s, "");
// Systems that cut the shape themselves want the ground to reach the edge.
const square = svg.replace('rx="104"', "");

const browser = await chromium.launch(launchOptions());
for (const [name, size, drawing] of [
  ["icon-192.png", 192, svg],
  ["icon-512.png", 512, svg],
  ["maskable-512.png", 512, square],
  ["apple-touch-icon.png", 180, square],
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${drawing}`);
  await page.screenshot({ path: fileURLToPath(new URL(name, folder)), omitBackground: true });
  await page.close();
}
await browser.close();
