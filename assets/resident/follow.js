// Keeps the tracking page fresh while somebody looks at it; touches it only when something changed.
const OPEN_EVERY = 10_000;
// A closed report can be opened again, but not often.
const CLOSED_EVERY = 60_000;

export function follow(node) {
  let timer;

  async function ask() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const response = await fetch(`${node.dataset.url}.json`, { cache: "no-store", headers: { "If-None-Match": `"${node.dataset.version}"` } });
      if (response.status === 200) apply(await response.json());
    } catch { /* no signal: what is shown stays */ }
    timer = setTimeout(ask, node.dataset.closed === "true" ? CLOSED_EVERY : OPEN_EVERY);
  }

  // The server rendered and escaped it, with the same components as the page.
  function apply(answer) {
    if (!answer.html || answer.version === node.dataset.version) return;
    node.innerHTML = answer.html;
    node.dataset.version = answer.version;
    node.dataset.closed = String(answer.closed);
    document.title = answer.title;
    document.getElementById("tracking-say").textContent = `New: ${answer.headline}`;
  }

  document.addEventListener("visibilitychange", ask);
  addEventListener("online", ask);
  timer = setTimeout(ask, OPEN_EVERY);
}
