// The residents' pages with a script: the list of what waits, and the modules for the form and the tracking page.
// Without it everything works as plain HTML; without IndexedDB this file steps back and lets it.
import "./core.js";
import { openForm } from "./form.js";
import { follow } from "./follow.js";

const { outbox } = self;
const $ = (id) => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// Safari deletes a site's storage after seven days of use without a visit; others only when the disk is full.
const safari = /^((?!chrome|chromium|android|crios|fxios).)*safari/i.test(navigator.userAgent);
const when = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });
let sending = false;
let timer;

async function show() {
  const [waiting, mine] = await Promise.all([outbox.waiting(), outbox.mine()]);
  const fresh = mine.filter((entry) => !entry.seen);
  const stuck = waiting.filter((item) => item.state === "refused");
  const going = waiting.length - stuck.length;
  $("outbox").hidden = waiting.length + fresh.length === 0;
  $("outbox").classList.toggle("sent", waiting.length === 0);
  say($("outbox-say"), going && sending ? "Sending…"
    : going ? "Kept on this phone. It goes out by itself when there is a signal."
    : stuck.length ? "The city could not take this as it is. It is kept here until you decide."
    : fresh.length ? "Sent. The city has it." : "");
  $("outbox-try").hidden = going === 0 || sending;
  $("outbox-evict").hidden = !(safari && waiting.length);
  $("outbox-list").replaceChildren(...waiting.map(waitingItem), ...fresh.map(sentItem));
  if ($("mine")) {
    $("mine").hidden = mine.length === 0;
    $("mine-list").replaceChildren(...mine.sort((a, b) => b.at - a.at).map(mineItem));
  }
  clearTimeout(timer);
  const next = Math.min(...waiting.filter((item) => item.state !== "refused").map((item) => item.next ?? 0));
  if (Number.isFinite(next)) timer = setTimeout(() => send(), Math.max(1_000, next - Date.now()));
}

// Setting the same words again would make a screen reader say them again.
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function waitingItem(item) {
  const refused = item.state === "refused";
  const detail = refused ? Object.values(item.problem?.errors ?? {})[0] ?? item.problem?.detail ?? item.problem?.title
    : `${item.photo ? "With a photo. " : ""}Since ${when.format(item.at)}. Waiting.`;
  const row = element("li", {},
    element("span", { className: "what" }, element("b", { textContent: item.name }), element("span", { className: "hint", textContent: detail })));
  row.dataset.testid = "outbox-item";
  row.dataset.state = refused ? "refused" : "waiting";
  if (refused) {
    row.append(button("Correct it", async () => {
      const { fields } = await outbox.draft();
      if (fields && !confirm("The form on this phone holds another report that you began. Replace it?")) return;
      await outbox.reopen(item);
      location.href = `/report?type=${encodeURIComponent(item.type)}`;
    }));
  }
  row.append(button("Throw away", () => {
    if (confirm(`Throw away “${item.name}”? The city does not have it.`)) outbox.discard(item.request);
  }));
  return row;
}

function sentItem(entry) {
  const link = element("a", { href: entry.url + (entry.damaged ? "?photo=damaged" : ""), textContent: "Follow it" });
  link.dataset.testid = "tracking-link";
  const number = entry.number ? `Number ${entry.number}` : "The number follows";
  const row = element("li", {},
    element("span", { className: "what" }, element("b", { textContent: entry.name }), element("span", { className: "hint num", textContent: number })), link);
  row.dataset.testid = "outbox-item";
  row.dataset.state = "sent";
  return row;
}

function mineItem(entry) {
  return element("li", {},
    element("a", { href: entry.url, textContent: `${entry.name}${entry.number ? `, ${entry.number}` : ""}` }),
    button("Remove", () => {
      if (confirm("Remove it from this list? The city keeps the report, but without its link you cannot follow it.")) outbox.forget(entry.request);
    }));
}

function button(text, onclick) {
  return element("button", { type: "button", className: "button ghost", textContent: text, onclick });
}

// Tries now what is due, or everything when something suggests that there is a network.
async function send(now = false) {
  sending = true;
  await show();
  try {
    await outbox.send(now);
  } finally {
    sending = false;
    await show();
  }
}

async function backgroundSync() {
  try {
    await (await navigator.serviceWorker.ready).sync?.register("outbox");
  } catch { /* not there, or not allowed: the page sends when it is open */ }
}

async function start() {
  await outbox.ready();
  outbox.onChange(show);
  const tracking = $("tracking");
  if (tracking) {
    const entry = (await outbox.mine()).find(({ url }) => url === tracking.dataset.url);
    if (entry && !entry.seen) await outbox.seen(entry);
  }
  if ($("report")) await openForm({ send, backgroundSync });
  $("outbox-try").onclick = () => send(true);
  addEventListener("online", () => send(true));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(true); });
  addEventListener("pageshow", (event) => { if (event.persisted) show(); });
  await send(true);
}

if ($("tracking")) follow($("tracking"));
start().catch((error) => console.warn("This browser keeps nothing; the pages work without.", error));
navigator.serviceWorker?.register("/sw.js", { scope: "/" }).catch(() => {});
