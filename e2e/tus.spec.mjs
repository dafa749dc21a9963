// Other people's tus clients upload to the server and go on after a cut: what our phones speak is the protocol itself.
import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Upload } from "tus-js-client";
import { startServer } from "./lib/server.mjs";
import { codeFor } from "./lib/staff.mjs";
import { tuspy } from "./lib/tuspy.mjs";
import { openWire } from "./lib/wire.mjs";

test("tus-js-client goes on after the connection was cut in the middle", async (t) => {
  const server = await startServer(t);
  const token = await enrolled(server);
  const wire = await openWire(server.port);
  t.after(() => wire.cut());
  const bytes = picture(6_000_000);
  const offsets = [];
  let cut;
  await new Promise((done, failed) => {
    const upload = new Upload(bytes, {
      endpoint: `${wire.origin}/api/uploads`,
      metadata: { sha256: sha256(bytes), filetype: "image/jpeg" },
      headers: { Authorization: `Bearer ${token}` },
      chunkSize: 2_000_000,
      retryDelays: [50, 100, 200, 400, 800, 1600],
      onChunkComplete: (_, accepted) => {
        offsets.push(accepted);
        cut ??= wire.cut().then(wire.mend);
      },
      onError: failed,
      onSuccess: done,
    });
    upload.start();
  });
  await cut;
  assert.deepEqual(offsets.slice(0, 1), [2_000_000]);
  assert.ok(wire.served.some(({ method, status }) => method === "HEAD" && status === 200), "it asked where to go on");
  assert.deepEqual(await file(server, token, bytes), bytes);
});

test("tuspy uploads with checksums and goes on in another process", async (t) => {
  const server = await startServer(t);
  const token = await enrolled(server);
  const bytes = picture(350_000);
  const folder = await mkdtemp(join(tmpdir(), "tus "));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "photo.jpg");
  await writeFile(path, bytes);
  const place = await tuspy(`${server.origin}/api/uploads`, token, path, sha256(bytes));
  assert.equal(place, `${server.origin}/api/uploads/${sha256(bytes)}`);
  assert.equal(await tuspy(`${server.origin}/api/uploads`, token, path, sha256(bytes), place), "100000");
  assert.deepEqual(await file(server, token, bytes), bytes);
});

/** A device's token. */
async function enrolled(server) {
  const body = JSON.stringify({ code: await codeFor(server, "ana-ruiz"), device: randomUUID(), device_name: "tus" });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.origin}/api/enroll`, { method: "POST", body, headers });
  return (await answer.json()).token;
}

/** What is a JPEG by its beginning: nothing else is taken. */
function picture(length) {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(length - 3)]);
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

async function file(server, token, bytes) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.origin}/api/files/${sha256(bytes)}`, { headers });
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}
