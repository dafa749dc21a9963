// WCAG 2.2 AA by axe-core, in every theme that the token sheet has; in the sun theme with the contrast of AAA.
import { createRequire } from "node:module";

const { source } = createRequire(import.meta.url)("axe-core");

const SETS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
/** What depends on colors, and so is asked in each theme. */
const COLORS = ["color-contrast", "link-in-text-block"];

const ASKED = {
  // Not among them is the size of targets, which axe-core asks of 24 px and of what a bar at the foot covers just then:
  // fits.mjs asks for 48 px.
  light: { runOnly: { type: "tag", values: SETS }, rules: { "target-size": { enabled: false } } },
  dark: { runOnly: { type: "rule", values: COLORS } },
  sun: { runOnly: { type: "rule", values: [...COLORS, "color-contrast-enhanced"] } },
};

/** What axe-core finds on what the page shows just now, as sentences. Leaves the page as it was. */
export async function violations(page) {
  // Over the debugger's protocol, which the page's own policy does not reach.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  return page.evaluate(async (asked) => {
    // Colors on their way from one to another are no one's.
    for (const each of document.getAnimations()) if (each.effect.getComputedTiming().iterations < Infinity) each.finish();
    const root = document.documentElement;
    const before = root.dataset.theme;
    const found = [];
    for (const [theme, options] of Object.entries(asked)) {
      root.dataset.theme = theme;
      const { violations } = await globalThis.axe.run(document, { ...options, resultTypes: ["violations"] });
      for (const { id, nodes } of violations) {
        for (const { target, html, failureSummary } of nodes) {
          const why = failureSummary.split("\n").slice(1).map((line) => line.trim()).join("; ");
          found.push(`${theme}: ${id}: ${target.join(" ")}: ${why}: ${html.slice(0, 160)}`);
        }
      }
    }
    if (before === undefined) delete root.dataset.theme;
    else root.dataset.theme = before;
    return found;
  }, ASKED);
}
