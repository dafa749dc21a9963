// Lighthouse on the pages that people open from a link: `cargo xtask bench lighthouse` runs this. Prints one JSON line for
// each figure: what a page lacks to 100, whose goal is 0, and beside it the audits that failed.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { report } from "./lib/bench.mjs";
import { launchOptions } from "./lib/browser.mjs";
import { freePort, startServer } from "./lib/server.mjs";

const CATEGORIES = ["accessibility", "best-practices"];

const cleanups = [];
try {
  await bench({ after: (work) => cleanups.unshift(work) });
} finally {
  for (const work of cleanups) await work();
}

async function bench(scope) {
  const { resolve } = createRequire(new URL("lighthouse/package.json", import.meta.url));
  const { default: lighthouse } = await import(pathToFileURL(resolve("lighthouse")));
  const server = await startServer(scope);
  const port = await freePort();
  const browser = await chromium.launch(launchOptions({ args: [...launchOptions().args, `--remote-debugging-port=${port}`] }));
  scope.after(() => browser.close());
  const pages = {
    "front page": "/", ...(await reported(browser, server)), "app, first screen": "/app/", "app, sign in": "/app/sign-in",
  };
  for (const [name, path] of Object.entries(pages)) {
    const { lhr } = await lighthouse(new URL(path, server.origin).href, { port, onlyCategories: CATEGORIES, logLevel: "error" });
    if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`);
    for (const category of CATEGORIES) {
      const { score, auditRefs } = lhr.categories[category];
      const failed = auditRefs.map(({ id }) => lhr.audits[id]).filter((audit) => audit.score !== null && audit.score < 1);
      report(`${name}: ${category}, missing to 100`, 100 - score * 100, "points", 0, { failed: failed.map((audit) => audit.id) });
      if (process.env.COLDPATCH_LIGHTHOUSE) for (const audit of failed) console.error(audit.id, JSON.stringify(audit.details?.items).slice(0, 800));
    }
  }
}

/** Reports a pothole as whoever has no script does; the addresses of the form and of the page that follows it. */
async function reported(browser, server) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(server.origin);
  await page.getByTestId("report-type-pothole").click();
  const form = page.url();
  await page.getByTestId("address").fill("Market St 214");
  await page.locator("[name=q_size][value=tire]").check();
  await page.locator("[name=q_beside_grate][value=no]").check();
  await page.getByTestId("description").fill("Deep. Right where the bikes go.");
  await page.getByTestId("send").click();
  await page.getByTestId("tracking-number").waitFor();
  const tracking = page.url();
  await context.close();
  return { "report form": form, "tracking page": tracking };
}
