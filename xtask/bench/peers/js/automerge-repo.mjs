// automerge-repo on one side of the bench: `node automerge-repo.mjs server|phone <storage folder>`.
//
// Used as its documentation has it: files in a folder, WebSockets with permessage-deflate, a server that shares only what
// it is asked for, a phone that announces everything that it has.

import * as Automerge from "@automerge/automerge";
import { binaryToDocumentId, Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter, WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { WebSocketServer } from "ws";
import { digest, obey, read, role } from "./side.mjs";

const { isServer, folder } = role();
const handles = new Map();
let repo;

// Closed until the sync may begin, so that opening and connecting are not part of it.
let openGate;
const gate = new Promise((resolve) => (openGate = resolve));

function ours() {
  repo ??= new Repo({
    storage: new NodeFSStorageAdapter(folder),
    peerId: isServer ? "server" : "phone",
    ...(isServer
      ? { sharePolicy: async () => false }
      : { shareConfig: { announce: () => gate.then(() => true), access: async () => true } }),
  });
  return repo;
}

const documentId = (uuid) => binaryToDocumentId(Buffer.from(uuid.replaceAll("-", ""), "hex"));
const binary = (text) => new Uint8Array(Buffer.from(text, "base64"));
const heads = (handle) => Automerge.getHeads(handle.doc()).sort().join(",");

async function find(id) {
  if (!handles.has(id)) handles.set(id, await ours().find(documentId(id)));
  return handles.get(id);
}

/** When the document has these heads here. */
async function reaches(line) {
  const handle = await find(line.id);
  const wanted = line.heads.join(",");
  if (heads(handle) === wanted) return;
  await new Promise((resolve) => {
    const look = () => {
      if (heads(handle) !== wanted) return;
      handle.off("heads-changed", look);
      resolve();
    };
    handle.on("heads-changed", look);
    look();
  });
}

await obey({
  async take({ file }) {
    const lines = read(file);
    for (const line of lines) {
      if (line.doc) ours().import(binary(line.doc), { docId: documentId(line.id) });
      if (!line.changes?.length) continue;
      const handle = await find(line.id);
      handle.update((doc) => Automerge.applyChanges(doc, line.changes.map(binary))[0]);
    }
    await ours().flush();
    return { taken: lines.length };
  },

  async serve() {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });
    await new Promise((resolve) => server.once("listening", resolve));
    ours().networkSubsystem.addNetworkAdapter(new WebSocketServerAdapter(server));
    return { port: server.address().port };
  },

  async open({ file }) {
    await Promise.all(read(file).map((line) => find(line.id)));
    return { opened: handles.size };
  },

  async connect({ port }) {
    const adapter = new WebSocketClientAdapter(`ws://127.0.0.1:${port}`);
    const connected = new Promise((resolve) => adapter.once("peer-candidate", resolve));
    ours().networkSubsystem.addNetworkAdapter(adapter);
    await connected;
    return { connected: true };
  },

  async sync({ file }) {
    openGate();
    await Promise.all(read(file).map(reaches));
    return { converged: true };
  },

  async expect({ file }) {
    await Promise.all(read(file).map(reaches));
    return { converged: true };
  },

  /** It writes nothing down for the network. */
  async settle() {
    return { settled: true };
  },

  /** It syncs by itself while it is connected. */
  async again() {
    await ours().flush();
    return { synced: true };
  },

  async digest({ file }) {
    const lines = [];
    for (const line of read(file)) lines.push(`${line.id} ${heads(await find(line.id))}`);
    return { digest: digest(lines) };
  },

  async quit() {
    await repo?.flush();
  },
});
