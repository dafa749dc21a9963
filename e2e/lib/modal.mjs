// What a dialog, the camera or the editor owes to whoever has no pointer.
import assert from "node:assert/strict";
import { until } from "./until.mjs";

/** Waits until the focus is in the element with this test id. */
export function focusIn(page, testid) {
  return until(`the focus is in ${testid}`, () =>
    page.evaluate((id) => !!document.activeElement?.closest(`[data-testid="${id}"]`), testid),
  );
}

/** Waits until the element with this test id itself has the focus. */
export function focusOn(page, testid) {
  return until(`the focus is on ${testid}`, () =>
    page.evaluate((id) => document.activeElement?.dataset.testid === id, testid),
  );
}

/** Asserts that the focus cannot leave the modal with this test id, and that nothing behind it can be reached. */
export async function trapped(page, testid) {
  await focusIn(page, testid);
  const reached = new Set();
  for (let n = 0; n < 24; n++) {
    await page.keyboard.press(n % 6 === 5 ? "Shift+Tab" : "Tab");
    // Between the last and the first the browser has its own turn: nothing of the page has the focus then.
    const where = await page.evaluate((id) => {
      const now = document.activeElement;
      if (!now || now === document.body) return "";
      return now.closest(`[data-testid="${id}"]`) ? now.dataset.testid || now.tagName : `outside: ${now.outerHTML.slice(0, 120)}`;
    }, testid);
    assert.ok(!where.startsWith("outside"), where);
    reached.add(where);
  }
  reached.delete("");
  assert.ok(reached.size > 1, `the focus goes round: ${[...reached]}`);
  const open = await page.evaluate((id) => {
    const modal = document.querySelector(`[data-testid="${id}"]`);
    const all = [...document.querySelectorAll("a[href], button, input, textarea, select, summary, [tabindex]")];
    return all.filter((one) => !modal.contains(one) && !one.contains(modal) && !one.closest("[inert], [data-over-all]")).map((one) => one.outerHTML.slice(0, 120));
  }, testid);
  assert.deepEqual(open, [], "all behind it is inert");
}

/** Asserts that nothing is inert: no modal has left anything behind. */
export async function nothingInert(page) {
  await until("nothing is inert", () => page.evaluate(() => document.querySelectorAll("[inert]").length === 0));
}
