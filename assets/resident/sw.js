// Opens the residents' form without a network, and sends what waits when the browser allows it in the background.
// It never touches /app/ (which has its own), /api/, /open311/, /media/ or a tracking page.
importScripts("{{assets}}/core.js");
// Not `coldpatch-…`: the app's service worker tidies those up.
const CACHE = "resident-{{version}}";
const PAGES = {{pages}};
const FILES = {{files}};
const PATIENCE = 4_000;

self.addEventListener("install", (event) => {
  const fresh = PAGES.map((page) => new Request(page, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...fresh, ...FILES])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("resident-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname, { cacheName: CACHE }).then((file) => file ?? fetch(request)));
  } else if (request.mode === "navigate" && (url.pathname === "/" || url.pathname === "/report")) {
    event.respondWith(page(request, url));
  }
});

// The network's answer if it comes in time, else what is kept; a type that is not kept leads to the choice of types.
async function page(request, url) {
  const type = url.pathname === "/report" && url.searchParams.get("type");
  const kept = (await caches.match(type ? `/report?type=${encodeURIComponent(type)}` : "/", { cacheName: CACHE }))
    ?? (await caches.match("/", { cacheName: CACHE }));
  if (!kept) return fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  const online = fetch(request).then((response) => (response.status < 500 ? response : kept), () => kept);
  return Promise.race([online, late]);
}

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(self.outbox.send(true).then((left) => { if (left) throw new Error("still waiting"); }));
});
