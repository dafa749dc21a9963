// Does a screen fit: at the size it has, with text twice as large, and 320 px wide? Nothing is cut off, nothing needs
// scrolling in two directions, and everything that is pressed has room for a finger in a glove.

/** The least size of a target in px, as the token sheet has it. */
const TARGET = 48;

/** What does not fit just now, as sentences; leaves the page as it was. */
export async function misfits(page) {
  const down = await page.evaluate(() => scrollY);
  const found = (await page.evaluate(look, TARGET)).map((each) => `as it is: ${each}`);
  const cdp = await page.context().newCDPSession(page);
  try {
    // As a person sets it in the browser: `rem` follows, in media queries, too.
    await cdp.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
    found.push(...(await page.evaluate(look, 0)).map((each) => `200 % text: ${each}`));
  } finally {
    await cdp.send("Page.setFontSizes", { fontSizes: { standard: 16, fixed: 13 } });
    await cdp.detach();
  }
  const size = page.viewportSize();
  try {
    await page.setViewportSize({ width: 320, height: size.height });
    found.push(...(await page.evaluate(look, 0)).map((each) => `320 px: ${each}`));
  } finally {
    await page.setViewportSize(size);
  }
  await page.evaluate((down) => scrollTo(0, down), down);
  return found;
}

/** Runs in the page. `target` 0: the size of targets is not asked. */
function look(target) {
  const found = new Set();
  const name = (node) => {
    const id = node.dataset?.testid || node.id || [...node.classList].join(".");
    return `<${node.localName}${id ? ` ${id}` : ""}> “${node.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
  };
  const shown = (node) =>
    node.checkVisibility({ checkVisibilityCSS: true, contentVisibilityAuto: true }) && !node.closest("[inert]");
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.add(`the page is ${root.scrollWidth} px wide on a screen of ${innerWidth}`);

  // Words: inside of everything that cuts what sticks out, and of the screen.
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = words.nextNode(); text; text = words.nextNode()) {
    const node = text.parentElement;
    // A map's names are drawn, and what only a screen reader hears has no size.
    if (!text.data.trim() || node.closest("svg, script, style, noscript, option, .hidden, .visually-hidden, .skip") || !shown(node)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    let [wide, high] = [true, true];
    for (let holder = node; holder && holder !== document.body; holder = holder.parentElement) {
      const { overflowX, overflowY, position } = getComputedStyle(holder);
      const room = holder.getBoundingClientRect();
      const [out, below] = [box.left < room.left - 1 || box.right > room.right + 1, box.top < room.top - 1 || box.bottom > room.bottom + 1];
      if (wide && /hidden|clip/.test(overflowX) && out) found.add(`cut by ${name(holder)}: ${name(node)}`);
      if (high && /hidden|clip/.test(overflowY) && below) found.add(`cut by ${name(holder)}: ${name(node)}`);
      if (wide && holder.matches("a, button, .chip, .card") && out) found.add(`sticks out of ${name(holder)}: ${name(node)}`);
      // What scrolls sideways shows the rest; a strip of pictures may, words in lines may not.
      if (/auto|scroll/.test(overflowX) && holder.scrollWidth > holder.clientWidth + 1) {
        if (!holder.matches("[data-scrolls]")) found.add(`scrolls sideways: ${name(holder)}`);
        wide = false;
      }
      if (/auto|scroll/.test(overflowY)) high = false;
      if (position === "fixed") {
        if (high && (box.top < -1 || box.bottom > innerHeight + 1)) found.add(`off the screen: ${name(node)}`);
        break;
      }
    }
    if (wide && (box.left < -1 || box.right > innerWidth + 1)) found.add(`off the screen: ${name(node)}`);
  }

  // What stays while the rest scrolls must leave the rest its place.
  const staying = [...document.querySelectorAll(".foot, .bottom, .tabs, .darkroom-top")].filter(
    (node) => shown(node) && /sticky|fixed/.test(getComputedStyle(node).position),
  );
  const taken = staying.reduce((sum, node) => sum + node.getBoundingClientRect().height, 0);
  if (taken > innerHeight / 2) found.add(`${Math.round(taken)} px of ${innerHeight} never scroll away`);

  // Asked of a browser that is told to hold still.
  const moving = document.getAnimations().filter((each) => each.playState === "running" && each.effect.getComputedTiming().duration > 0);
  for (const each of moving) found.add(`moves: ${name(each.effect.target)}`);

  if (target) {
    const pressed = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=switch], [role=checkbox]";
    for (const node of document.querySelectorAll(pressed)) {
      if (!shown(node) || node.disabled || node.closest(".hidden, .visually-hidden, .skip")) continue;
      // A whole label is pressed; a link within a sentence has the height of its line (WCAG 2.2, 2.5.8, inline).
      const held = node.closest("label") ?? node;
      const { width, height } = held.getBoundingClientRect();
      const inline = getComputedStyle(node).display === "inline" && node.matches("p a, li a");
      if (width && !inline && Math.min(width, height) < target - 0.5) {
        found.add(`${Math.round(width)} × ${Math.round(height)} px for a finger: ${name(node)}`);
      }
    }
  }
  return [...found];
}
