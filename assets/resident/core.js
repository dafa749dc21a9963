// What a resident sent, durable on this phone until the city has it. Runs in the page (imported for its effect) and in
// the service worker (importScripts), so it is plain script and hangs itself on `self.outbox`.
//
// Stores: `outbox` (reports that wait), `mine` (number and link of those that the city has), `draft` (the open form).
// A report leaves `outbox` only in the transaction that writes its answer into `mine`.
"use strict";
(() => {
  const channel = "BroadcastChannel" in self ? new BroadcastChannel("resident-outbox") : null;
  const listeners = new Set();
  let opening;

  function database() {
    opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("coldpatch-resident", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("outbox", { keyPath: "request" });
        request.result.createObjectStore("mine", { keyPath: "request" });
        request.result.createObjectStore("draft");
      };
      request.onsuccess = () => {
        // Another tab with a newer version must not wait for this one.
        request.result.onversionchange = () => { request.result.close(); opening = undefined; };
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
    });
    opening.catch(() => { opening = undefined; });
    return opening;
  }

  // One transaction. `work` gets the stores by name and may return a request, whose result is the answer.
  async function transact(mode, names, work) {
    const db = await database();
    return new Promise((resolve, reject) => {
      const transaction = db.transaction(names, mode, { durability: "strict" });
      const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
      const request = work(stores);
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }

  const waiting = () => transact("readonly", ["outbox"], ({ outbox }) => outbox.getAll());
  const mine = () => transact("readonly", ["mine"], ({ mine }) => mine.getAll());

  function changed() {
    channel?.postMessage("changed");
    for (const listener of listeners) listener();
  }
  channel?.addEventListener("message", () => { for (const listener of listeners) listener(); });

  // Keeps a report durably and empties the form, or does neither.
  async function add(item) {
    await transact("readwrite", ["outbox", "draft"], ({ outbox, draft }) => { outbox.put(item); draft.clear(); });
    changed();
  }

  async function update(item) {
    // Gone means sent by another tab or thrown away: do not bring it back.
    await transact("readwrite", ["outbox"], ({ outbox }) => {
      outbox.getKey(item.request).onsuccess = (event) => { if (event.target.result) outbox.put(item); };
    });
    changed();
  }

  async function discard(request) {
    await transact("readwrite", ["outbox"], ({ outbox }) => outbox.delete(request));
    changed();
  }

  // Back into the form, to be corrected.
  async function reopen(item) {
    const fields = { request: item.request, secret: item.secret, values: item.fields, problem: item.problem };
    await transact("readwrite", ["outbox", "draft"], ({ outbox, draft }) => {
      outbox.delete(item.request);
      draft.put(fields, "fields");
      if (item.photo) draft.put(item.photo, "photo"); else draft.delete("photo");
    });
    changed();
  }

  async function post(item) {
    const body = new FormData();
    body.append("request", item.request);
    body.append("secret", item.secret);
    body.append("type", item.type);
    for (const [name, value] of item.fields) body.append(name, value);
    if (item.photo) body.append("photo", new Blob([item.photo.bytes], { type: item.photo.type }), item.photo.name);
    const response = await fetch("/report", {
      method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout?.(120_000),
    });
    // A café's sign-in page answers 200 too: only our own words about this report count.
    const answer = await response.json();
    if (response.ok && answer.request === item.request) return { answer };
    if (response.status >= 400 && response.status < 500 && ![401, 408, 425, 429].includes(response.status) && answer.title)
      return { problem: answer };
    throw new Error(`not now: ${response.status}`);
  }

  async function sendOne(item) {
    try {
      const { answer, problem } = await post(item);
      if (problem) return await update({ ...item, state: "refused", problem });
      const entry = {
        request: item.request, name: item.name, number: answer.tracking_number, url: answer.tracking_url,
        at: item.at, damaged: answer.photo_damaged, seen: false,
      };
      await transact("readwrite", ["outbox", "mine"], ({ outbox, mine }) => { mine.put(entry); outbox.delete(item.request); });
      changed();
    } catch {
      const tries = (item.tries ?? 0) + 1;
      const pause = Math.min(5_000 * 2 ** (tries - 1), 15 * 60_000);
      await update({ ...item, tries, next: Date.now() + pause });
    }
  }

  async function sendDue(now) {
    for (const item of await waiting()) {
      if (item.state !== "refused" && (now || (item.next ?? 0) <= Date.now())) await sendOne(item);
    }
  }

  // Sends what is due, or everything when `now`. One tab at a time; a repeat is harmless, but wastes somebody's data.
  async function send(now = false) {
    if (navigator.locks) await navigator.locks.request("resident-outbox", () => sendDue(now));
    else await sendDue(now);
    return (await waiting()).filter((item) => item.state !== "refused").length;
  }

  self.outbox = {
    add, discard, reopen, send, waiting, mine,
    ready: database,
    onChange: (listener) => listeners.add(listener),
    seen: (entry) => transact("readwrite", ["mine"], ({ mine }) => mine.put({ ...entry, seen: true })),
    forget: async (request) => { await transact("readwrite", ["mine"], ({ mine }) => mine.delete(request)); changed(); },
    draft: async () => ({
      fields: await transact("readonly", ["draft"], ({ draft }) => draft.get("fields")),
      photo: await transact("readonly", ["draft"], ({ draft }) => draft.get("photo")),
    }),
    saveFields: (fields) => transact("readwrite", ["draft"], ({ draft }) => draft.put(fields, "fields")),
    savePhoto: (photo) => transact("readwrite", ["draft"], ({ draft }) => photo ? draft.put(photo, "photo") : draft.delete("photo")),
    clearDraft: () => transact("readwrite", ["draft"], ({ draft }) => draft.clear()),
  };
})();
