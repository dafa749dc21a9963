// PouchDB on one side of the bench: `node pouchdb.mjs server|phone <storage folder>`.
//
// Used as its documentation has it: LevelDB, express-pouchdb with gzip on the server, a connection that is kept alive, and
// batches large enough that a first sync is one. One JSON document per work order.

import expressPouchdb from "express-pouchdb";
import http from "node:http";
import PouchDB from "pouchdb-node";
import { digest, obey, read, role } from "./side.mjs";

const { isServer, folder } = role();
const Store = PouchDB.defaults({ prefix: `${folder}/` });
const db = new Store("orders");

/** Larger than any database here: PouchDB's 100 would cost a first sync of 2,000 documents twenty times the requests. */
const BATCH = 5000;
const agent = new http.Agent({ keepAlive: true });
let remote;
let local;

/** When a change of each of the file's documents has come in from the other side. */
function arrives(file) {
  const missing = new Set(read(file).map((line) => line.id));
  if (missing.size === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const feed = db.changes({ since: "now", live: true });
    feed.on("error", reject);
    feed.on("change", (change) => {
      missing.delete(change.id);
      if (missing.size > 0) return;
      feed.cancel();
      resolve();
    });
  });
}

await obey({
  /** Lines with `json`; on this side each becomes the next revision of its document. */
  async take({ file }) {
    const lines = read(file);
    const known = await db.allDocs({ keys: lines.map((line) => line.id) });
    const revisions = new Map(known.rows.map((row) => [row.key, row.value?.rev]));
    // Several lines of one document are several revisions of it.
    for (const line of lines) {
      const done = await db.put({ ...line.json, _id: line.id, _rev: revisions.get(line.id) });
      revisions.set(line.id, done.rev);
    }
    return { taken: lines.length };
  },

  async serve() {
    const app = expressPouchdb(Store, { mode: "minimumForPouchDB" });
    const server = http.createServer(app);
    server.keepAliveTimeout = 600_000;
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { port: server.address().port };
  },

  async open() {
    return { opened: (await db.info()).doc_count };
  },

  /** Opens the connection that the sync will use. */
  async connect({ port }) {
    const fetch = (url, options) => PouchDB.fetch(url, { ...options, agent });
    const address = `http://127.0.0.1:${port}/`;
    await (await fetch(address)).text();
    remote = new PouchDB(`${address}orders`, { fetch, skip_setup: true });
    return { connected: true };
  },

  async sync({ file }) {
    const arrived = arrives(file);
    local = db.sync(remote, { batch_size: BATCH, batches_limit: 1 });
    const failed = new Promise((_, reject) => local.on("error", reject).on("denied", reject));
    failed.catch(() => {});
    await Promise.race([arrived, failed]);
    return { converged: true };
  },

  async expect({ file }) {
    await arrives(file);
    return { converged: true };
  },

  /** When it has written its checkpoints, too. */
  async settle() {
    await local;
    return { settled: true };
  },

  /** Without it, the next sync's push would look through everything that the first one pulled. */
  async again() {
    await db.sync(remote, { batch_size: BATCH });
    return { synced: true };
  },

  async digest({ file }) {
    const lines = [];
    for (const { id } of read(file)) lines.push(JSON.stringify(await db.get(id, { conflicts: true })));
    return { digest: digest(lines) };
  },

  async quit() {
    await db.close();
  },
});
