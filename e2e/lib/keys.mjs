// A person without a pointer, and one who hears the screen: where the focus is, what it is called, what is said.
import assert from "node:assert/strict";
import { until } from "./until.mjs";

/** Presses Tab (or Shift+Tab with `back`) until the element with this test id has the focus; asks of every stop on the way that
 *  it can be seen and has a name. Resolves to the stops. */
export async function tabTo(page, testid, { back = false, words = "", most = 80 } = {}) {
  const stops = [];
  for (let n = 0; n < most; n++) {
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
    const stop = await page.evaluate(here);
    if (!stop) continue;
    stops.push(stop);
    assert.ok(stop.ring, `the focus is seen on ${stop.html}`);
    assert.ok(stop.inSight, `what has the focus is not covered: ${stop.html}`);
    if (stop.testid === testid && stop.text.includes(words)) return stops;
  }
  throw new Error(`not within ${most} presses: ${testid} ${words}; but ${stops.map((stop) => stop.testid || stop.html).join(", ")}`);
}

/** Runs in the page: what has the focus, or nothing when the browser itself has it. */
function here() {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  // Some controls draw the ring around themselves and their words.
  const rings = [node, node.closest("label, .photo-input")].filter(Boolean).some((each) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  });
  const box = (node.closest("label") ?? node).getBoundingClientRect();
  const seen = [0.5, 0.2, 0.8].some((part) => {
    const [x, y] = [box.left + box.width / 2, box.top + box.height * part];
    // What takes a second tap for a moment covers nothing.
    const top = document.elementsFromPoint(x, y).find((each) => !each.matches(".dialog-shield"));
    return top && (node.contains(top) || top.contains(node));
  });
  return {
    testid: node.dataset.testid ?? "", text: node.textContent.trim(), html: node.outerHTML.slice(0, 140),
    ring: rings, inSight: seen, top: box.top + scrollY, foot: !!node.closest(".foot, .bottom, .tabs"),
  };
}

/** Asserts that the way of the focus is the way of the eye: no stop stands above the one before it. Bars at the foot come last. */
export function assertDownward(stops) {
  for (const [index, stop] of stops.entries()) {
    const before = stops[index - 1];
    if (before && !stop.foot) assert.ok(stop.top >= before.top - 24, `${stop.html} stands above ${before.html}`);
  }
}

/** Waits until the focus is on the heading of a screen of this name. */
export function arrivedAt(page, name) {
  return until(`the focus is on the heading ${name}`, async () => {
    const [tag, text, title] = await page.evaluate(() => [document.activeElement?.tagName, document.activeElement?.textContent, document.title]);
    return tag === "H1" && name.test(text) && title.startsWith(text);
  });
}

/** From now on keeps what the live regions of the page say; a function that resolves to all of it. */
export async function listen(page) {
  await page.evaluate(() => {
    const said = (globalThis.said = []);
    const LIVE = "[role=status], [role=alert], [aria-live]";
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        const node = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
        // A region that comes with its words is only heard when it interrupts.
        const came = [...addedNodes].flatMap((each) => (each.querySelectorAll ? [each, ...each.querySelectorAll("[role=alert]")] : []));
        const region = node?.closest(LIVE) ?? came.find((each) => each.matches("[role=alert]"));
        if (region) said.push(region.textContent.trim());
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => globalThis.said);
}
