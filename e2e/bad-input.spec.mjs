// What is broken, used up, made up or hostile: each gets a clear message and status, and nothing valid beside it is lost.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { cbor } from "./lib/cbor.mjs";
import { newPhone } from "./lib/phone.mjs";
import { noPhotos, nullIsland, photo } from "./lib/photos.mjs";
import { screen } from "./lib/screen.mjs";
import { startServer } from "./lib/server.mjs";
import { allSent, codeFor, draftOf, rowOf, signIn } from "./lib/staff.mjs";
import { until } from "./lib/until.mjs";

const SYNC = "application/vnd.coldpatch.sync+cbor";
const PACKED = "application/vnd.coldpatch.sync+packed";
const BROKEN = ["corrupted.jpg", "invalid_image00971.jpg", "invalid_image01551.jpg", "invalid_image02206.jpg"];

test("photos that no camera should make", { skip: noPhotos, timeout: 240_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "inspector");
  await signIn(server, phone, "ines-okafor");
  const { page } = phone;

  await t.test("each of several broken photos is named with what is wrong, and those beside them become drafts", async () => {
    const island = { name: "null-island.jpg", mimeType: "image/jpeg", buffer: await nullIsland() };
    const files = await Promise.all(
      [...BROKEN, "IMG_5195.HEIC", "iphone5_rotated.jpg"].map(async (name) => ({
        name,
        mimeType: name.endsWith("HEIC") ? "image/heic" : "image/jpeg",
        buffer: await readFile(photo(name)),
      })),
    );
    await page.getByTestId("add-photos").setInputFiles([...files, island]);
    await draftOf(page, "Taken Sep 29, 2012").waitFor();
    // A photo that can be read in part is a draft that says so; one that cannot is named, with the reason.
    await until("every photo has come to something", async () => {
      const drafts = await page.getByTestId("draft").count();
      const refused = await page.getByTestId("notice").count();
      return drafts + refused === files.length + 1;
    }, { timeout: 60_000 });
    for (const notice of await page.getByTestId("notice").allTextContents()) {
      assert.match(notice, /(corrupted|invalid)\S*\.jpg/);
      assert.ok(notice.split(".jpg")[1].length > 20, `it says why: ${notice}`);
    }
    await screen(page, "inspector-broken-photos");
  });

  await t.test("a photo from null island asks for a pin instead of a place in the sea", async () => {
    for (const draft of await page.getByTestId("draft").all()) {
      assert.doesNotMatch(await draft.textContent(), /\b0\.0+, 0\.0+/);
    }
    assert.ok((await draftOf(page, "No place in the photo").count()) >= 1);
  });

  await t.test("a HEIC is kept, said so, and reaches the city as it is", async () => {
    const draft = draftOf(page, "cannot show HEIC");
    assert.match(await draft.textContent(), /will be sent as it is/);
    if (await draft.getByTestId("keep-place").count()) await draft.getByTestId("keep-place").click();
    if ((await draft.textContent()).includes("No place in the photo")) {
      await draft.getByTestId("set-pin").click();
      await page.getByTestId("pin-here").click();
    }
    const litter = draft.getByTestId("draft-type-sidewalk_litter");
    await litter.click();
    await draft.getByTestId("answer-what-bags").click();
    await page.getByTestId("file-drafts").filter({ hasText: "File 1" }).click();
    const sha256 = createHash("sha256").update(await readFile(photo("IMG_5195.HEIC"))).digest("hex");
    const there = join(server.data, "files", sha256.slice(0, 2), sha256);
    await until("the original arrives", () => existsSync(there));
    await allSent(page);
  });

  assert.deepEqual(phone.troubles, []);
});

test("sign-in codes that do not work say why and what to do", { timeout: 120_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  const { page } = phone;
  const used = await codeFor(server, "ana-ruiz");
  assert.equal((await enroll(server, used)).status, 200);

  await t.test("one that another device has used", async () => {
    assert.deepEqual(await problem(await enroll(server, used)), [410, "code_used"]);
    await phone.open(`/app/sign-in/${used}`);
    await page.getByText("This sign-in code has been used").waitFor();
    await page.getByText("ask for a new code").waitFor();
    await screen(page, "sign-in-used");
  });

  await t.test("one that is too old", async (step) => {
    const old = await codeFor(server, "ana-ruiz");
    const database = join(server.data, "coldpatch.sqlite3");
    // The shortest that the program makes lasts an hour.
    const aged = "UPDATE codes SET expires_at = created_at WHERE used_at IS NULL";
    const done = await promisify(execFile)("sqlite3", [database, aged]).catch((error) => error);
    if (done.code === "ENOENT") return step.skip("this machine has no sqlite3 to make a code old with");
    assert.deepEqual(await problem(await enroll(server, old)), [410, "code_expired"]);
    await phone.open(`/app/sign-in/${old}`);
    await page.getByText("This sign-in code is too old").waitFor();
  });

  await t.test("one that does not exist", async () => {
    assert.deepEqual(await problem(await enroll(server, "NOSUCHCODE")), [404, "code_unknown"]);
    await phone.open("/app/sign-in/NOSUCHCODE");
    await page.getByText("This sign-in code does not exist").waitFor();
  });

  await t.test("and a good one works afterwards", async () => {
    await signIn(server, phone, "ana-ruiz");
    await page.getByTestId("job-row").first().waitFor();
  });
});

test("a tracking link that leads nowhere says so", { timeout: 60_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "resident");
  for (const path of ["/r/nothing", `/r/${"A".repeat(43)}`, `/r/${randomBytes(32).toString("base64url")}`, "/r/%FF"]) {
    const response = await phone.page.goto(new URL(path, phone.wire.origin).href);
    assert.ok([400, 404].includes(response.status()), `${path}: ${response.status()}`);
  }
  await phone.open("/r/nothing");
  await phone.page.getByText("There is no report at this address").waitFor();
  await screen(phone.page, "resident-no-report");
});

test("a resident's broken photo costs nothing that was typed, with and without script", { skip: noPhotos, timeout: 120_000 }, async (t) => {
  const server = await startServer(t);
  for (const javaScriptEnabled of [true, false]) {
    const phone = await newPhone(t, server, "resident", { javaScriptEnabled });
    const { page } = phone;
    await phone.open("/report?type=pothole");
    await page.getByTestId("address").fill("Market St 214");
    await page.locator("[name=q_size][value=tire]").check();
    await page.locator("[name=q_beside_grate][value=no]").check();
    await page.getByTestId("description").fill("Typed with care.");
    const fake = { name: "photo.jpg", mimeType: "image/jpeg", buffer: Buffer.from("This is not a photo at all.") };
    await page.getByTestId("photo").setInputFiles(fake);
    await page.getByTestId("send").click();
    await page.locator("#photo-error").waitFor();
    assert.equal(await page.getByTestId("description").inputValue(), "Typed with care.");
    assert.equal(await page.getByTestId("address").inputValue(), "Market St 214");
    assert.ok(await page.locator("[name=q_size][value=tire]").isChecked());
  }
});

test("sync bodies that are not ours are refused, and a phone's work beside them is not lost", { timeout: 180_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  await signIn(server, phone, "ana-ruiz");
  const { token } = await (await enroll(server, await codeFor(server, "ben-carter"))).json();
  const sync = (body, more = {}) =>
    fetch(`${server.origin}/api/sync`, {
      method: "POST",
      body,
      headers: { authorization: `Bearer ${token}`, "content-type": SYNC, ...more },
    });
  const request = (changes) =>
    cbor({ protocol: 2, device_time: Date.now(), cursor: null, changes, budget: 65_536 });
  const change = (bytes) => ({ work_order: uuid(), changes: [bytes] });

  await t.test("bytes that are no message at all", async () => {
    const whole = request([]);
    const bodies = [Buffer.alloc(0), randomBytes(10), randomBytes(100_000), Buffer.from("{}"), cbor({}), cbor([1, 2])];
    bodies.push(whole.subarray(0, whole.length - 3), Buffer.concat([whole, randomBytes(4)]), Buffer.alloc(9 << 20, 0xa1));
    // Ten thousand arrays inside each other.
    bodies.push(Buffer.alloc(10_000, 0x81));
    // What is too large is answered before it is read, and whoever goes on writing may find the connection closed instead.
    const refused = (body, more) =>
      sync(body, more).catch((error) => {
        if (body.length > 8 << 20 && ["EPIPE", "ECONNRESET"].includes(error.cause?.code)) return null;
        throw error;
      });
    for (const body of bodies) {
      const answer = await refused(body);
      if (!answer) continue;
      const [status, kind] = await problem(answer);
      assert.ok(status >= 400 && status < 500, `${body.length} bytes: ${status} ${kind}`);
    }
    assert.equal((await problem(await sync(cbor({ protocol: 99, device_time: 0, budget: 1 }))))[0], 426);
    for (const body of [whole, randomBytes(1_000), Buffer.alloc(9 << 20, 0xc1)]) {
      const answer = await refused(body, { "content-type": PACKED });
      if (!answer) continue;
      const [status] = await problem(answer);
      assert.ok(status >= 400 && status < 500, `packed, ${body.length} bytes: ${status}`);
    }
    assert.equal((await problem(await sync(request([]), { "content-encoding": "gzip" })))[0] >> 2, 100);
    assert.equal((await problem(await sync(request([]), { authorization: "Bearer nobody" })))[0], 401);
  });

  await t.test("a good message with changes that are none: each is answered, none is taken", async () => {
    const garbage = [randomBytes(50), Buffer.alloc(0), Buffer.from([0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 0])];
    for (const name of ["hang-bundle-1.bin", "hang-bundle-2.bin"]) {
      const url = new URL(`../../shared/data/automerge-hostile/${name}`, import.meta.url);
      garbage.push(await readFile(url).catch(() => randomBytes(30)));
    }
    const response = await sync(request(garbage.map(change)));
    assert.equal(response.status, 200);
    const said = Buffer.from(await response.arrayBuffer()).toString("latin1");
    assert.equal(said.split("refused").length - 1, garbage.length, "each has its refusal");
    assert.ok(!said.includes("accepted"));
  });

  await t.test("the server is healthy, and the phone's own work arrives", async () => {
    assert.equal((await fetch(`${server.origin}/healthz`)).status, 200);
    await (await rowOf(phone.page, { words: "Pothole" })).click();
    await phone.page.getByTestId("start").click();
    await phone.page.getByTestId("status").filter({ hasText: "Working" }).first().waitFor();
    await allSent(phone.page);
    assert.doesNotMatch(server.log(), /panicked/);
  });
});

function enroll(server, code) {
  const body = JSON.stringify({ code, device: randomUUID(), device_name: "e2e" });
  return fetch(`${server.origin}/api/enroll`, { method: "POST", body, headers: { "content-type": "application/json" } });
}

/** Status and type of an RFC 9457 problem, which must be one and must say something to a person. */
async function problem(response) {
  assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json/);
  const said = await response.json();
  assert.equal(said.status, response.status);
  assert.ok(said.title.length > 5);
  return [said.status, said.type];
}

/** A UUID as CBOR carries it: 16 bytes. */
function uuid() {
  return Buffer.from(randomUUID().replaceAll("-", ""), "hex");
}
