// Keeps one whole version of the app for offline starts. It never touches data: what a person did is in the Worker's
// database, and what is not one of FILES goes to the network untouched.
const CACHE = "coldpatch-{{version}}";
const SHELL = "{{base}}/index.html";
const FILES = {{files}};

self.addEventListener("install", (event) => {
  // Past the HTTP cache, so that a version is never put together from files of two.
  const requests = FILES.map((file) => new Request(file, { cache: file.includes("/build/") ? "default" : "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("coldpatch-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("message", ({ data }) => {
  if (data === "switch") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname.startsWith("{{base}}/")) event.respondWith(navigate());
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(fromCache(url.pathname, request));
  }
});

// A newer version that has been downloaded takes over when the person reloads and no other tab still runs the old one:
// a page and a Worker of different versions must not meet.
async function navigate() {
  const { waiting } = self.registration;
  if (waiting && (await self.clients.matchAll()).length < 2) {
    waiting.postMessage("switch");
    return new Response("", { headers: { Refresh: "0" } });
  }
  return fromCache(SHELL, SHELL);
}

async function fromCache(key, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(key)) ?? fetch(request);
}
