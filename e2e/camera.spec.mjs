// The camera in the app, and what is done to a photo before anybody else sees it. The camera films a real photo; permission,
// streams, files and the server are real.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { brightest, cameras, draw, film, jpegsOnPhone, newCameraPhone, watchCameras } from "./lib/camera.mjs";
import { requestOf } from "./lib/open311.mjs";
import { focusIn, focusOn, nothingInert, trapped } from "./lib/modal.mjs";
import { newPhone } from "./lib/phone.mjs";
import { noPhotos, photo } from "./lib/photos.mjs";
import { screen } from "./lib/screen.mjs";
import { startServer } from "./lib/server.mjs";
import { allSent, goTo, noSignal, openPanel, picturesOpen, rowOf, signIn } from "./lib/staff.mjs";
import { until } from "./lib/until.mjs";

/** What is covered in these journeys, and a little less than that: covers grow to whole blocks of pixels. */
const FROM = [0.3, 0.3];
const TO = [0.7, 0.6];
const INSIDE = [0.32, 0.32, 0.68, 0.58];

async function openJob(page, words = "Pothole") {
  await goTo(page, "today");
  await (await rowOf(page, { words })).click();
  await page.getByTestId("photos").waitFor();
  return new URL(page.url()).pathname.split("/").at(-1);
}

async function filming(page) {
  await until("the camera shows something", () =>
    page.getByTestId("viewfinder").evaluate((video) => video.videoWidth > 0 && !video.paused && video.currentTime > 0),
  );
  await page.getByTestId("camera-said").filter({ hasText: "±" }).waitFor();
}

async function shoot(page, already = 0) {
  await page.getByTestId("shutter").click();
  const strip = page.getByTestId("camera").getByTestId("strip");
  await until("the photo is in the strip", async () => (await strip.getByTestId("shot").count()) === already + 1);
}

test("a crew's camera", { skip: noPhotos, timeout: 300_000 }, async (t) => {
  const server = await startServer(t);
  const crew = await newCameraPhone(t, server, "crew", await film(t, "DSCN0010.jpg"));
  const { page } = crew;
  await watchCameras(crew);
  await signIn(server, crew, "ana-ruiz");
  await openJob(page);
  const number = await page.getByTestId("tracking-number").textContent();

  await t.test("it shows lines by thirds and a shutter for a thumb in a glove, and several shots in a row wait in a strip", async () => {
    await page.getByTestId("live-before-photo").waitFor();
    await screen(page, "crew-job-camera-tiles");
    await page.getByTestId("live-before-photo").click();
    await filming(page);
    assert.equal(await page.getByTestId("thirds").locator("path").count(), 2);
    const shutter = await page.getByTestId("shutter").boundingBox();
    assert.ok(shutter.width >= 64 && shutter.height >= 64, JSON.stringify(shutter));
    assert.ok(shutter.y > 844 / 2, "it is where a thumb reaches");
    await screen(page, "camera");
    await shoot(page);
    await shoot(page, 1);
    await picturesOpen(page.getByTestId("strip"), 2);
    await screen(page, "camera-strip");
  });

  await t.test("the camera is given back when its screen is left, and nothing was sent before it was added", async () => {
    assert.deepEqual(await cameras(page), ["live"]);
    await page.getByTestId("camera-close").click();
    await until("it is given back", async () => (await cameras(page)).every((state) => state === "ended"));
    await page.getByTestId("held").waitFor();
    await screen(page, "crew-job-held");
    assert.equal(await page.getByTestId("photo-before").count(), 0);
    assert.deepEqual(await jpegsAt(server), new Map());
  });

  await t.test("a killed browser loses no shot", async () => {
    await crew.kill();
    await crew.on();
    await watchCameras(crew);
    await crew.open("/app/");
    await crew.page.getByTestId("account").or(crew.page.getByTestId("job-row").first()).first().waitFor();
    if (await crew.page.getByTestId("account").count()) await crew.page.getByTestId("account").click();
    await crew.page.getByTestId("job-row").first().waitFor();
    await goTo(crew.page, "sync");
    await crew.page.getByTestId("shots-waiting").filter({ hasText: "2 photos" }).click();
    await crew.page.getByTestId("held").getByTestId("shot").nth(1).waitFor();
    await crew.page.getByTestId("add-held").click();
    await until("both are the job's", async () => (await crew.page.getByTestId("photo-before").count()) === 2);
    await allSent(crew.page);
  });

  await t.test("the photo from before lies over the picture as strongly as the person says", async () => {
    const { page } = crew;
    await page.getByTestId("live-after-photo").click();
    await filming(page);
    const ghost = page.getByTestId("ghost");
    await ghost.waitFor();
    assert.equal(await ghost.evaluate((node) => getComputedStyle(node).opacity), "0.35");
    await screen(page, "camera-ghost");
    await page.getByTestId("ghost-strength").fill("80");
    assert.equal(await ghost.evaluate((node) => getComputedStyle(node).opacity), "0.8");
    const [over, under] = [await ghost.boundingBox(), await page.getByTestId("viewfinder").boundingBox()];
    assert.deepEqual(over, under, "it lies where the picture is");
  });

  await t.test("without a pointer: the focus stays in the camera, in the editor and in its questions, and goes back to what opened each", async () => {
    const { page } = crew;
    await page.getByTestId("camera-close").click();
    await page.getByTestId("camera").waitFor({ state: "detached" });
    await nothingInert(page);
    await page.getByTestId("live-after-photo").focus();
    await page.keyboard.press("Enter");
    await filming(page);
    await trapped(page, "camera");
    await page.getByTestId("shutter").focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("strip").getByTestId("shot").waitFor();
    await page.getByTestId("shot").focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("stage").waitFor();
    await trapped(page, "retouch");
    await page.getByTestId("tool-text").focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("stage").focus();
    await page.keyboard.press("Enter");
    await focusOn(page, "mark-text");
    await trapped(page, "text-dialog");
    await page.getByTestId("mark-text").focus();
    await page.keyboard.press("Escape");
    await page.getByTestId("text-dialog").waitFor({ state: "detached" });
    await focusOn(page, "stage");
    await page.keyboard.press("Escape");
    await page.getByTestId("retouch").waitFor({ state: "detached" });
    await focusOn(page, "shot");
    // What opened it is gone when it closes: the focus stays in what is still open.
    await page.keyboard.press("Enter");
    await page.getByTestId("throw-away").click();
    await page.getByTestId("throw-away-yes").click();
    await page.getByTestId("shot").waitFor({ state: "detached" });
    await focusIn(page, "camera");
    await page.keyboard.press("Escape");
    await page.getByTestId("camera").waitFor({ state: "detached" });
    await focusOn(page, "live-after-photo");
    await nothingInert(page);
    await page.keyboard.press("Enter");
    await filming(page);
  });

  await t.test("a phone's Back closes what lies on top, asks before covers are lost, and only then leaves the job", async () => {
    const { page } = crew;
    const job = page.url();
    await shoot(page);
    await page.getByTestId("shot").click();
    await page.getByTestId("stage").waitFor();
    await draw(page, "cover", FROM, TO);
    await page.goBack();
    await page.getByTestId("leave-uncovered").waitFor();
    await page.goBack();
    await page.getByTestId("leave-uncovered").waitFor({ state: "detached" });
    assert.ok(await page.getByTestId("stage").isVisible(), "the editor is still there");
    await page.goBack();
    await page.getByTestId("leave-uncovered").click();
    await page.getByTestId("retouch").waitFor({ state: "detached" });
    await page.goBack();
    await page.getByTestId("camera").waitFor({ state: "detached" });
    assert.equal(page.url(), job);
    // What was closed by its own button is not in the way.
    await page.getByTestId("live-after-photo").click();
    await filming(page);
    await page.getByTestId("camera-close").click();
    await page.getByTestId("camera").waitFor({ state: "detached" });
    await page.goBack();
    await page.waitForURL((url) => url.href !== job);
    await page.goForward();
    await page.waitForURL(job);
    await page.getByTestId("live-after-photo").click();
    await filming(page);
    // Thrown away, as the tests after this one expect.
    await page.getByTestId("shot").click();
    await page.getByTestId("throw-away").click();
    await page.getByTestId("throw-away-yes").click();
    await page.getByTestId("shot").waitFor({ state: "detached" });
  });

  await t.test("marks are drawn, taken back and removed, and are part of the photo, not of its pixels", async () => {
    const { page } = crew;
    await shoot(page);
    await page.getByTestId("shot").click();
    await page.getByTestId("stage").waitFor();
    await draw(page, "arrow", [0.15, 0.2], [0.45, 0.45]);
    await draw(page, "circle", [0.6, 0.6], [0.75, 0.6]);
    await draw(page, "circle", [0.3, 0.8], [0.4, 0.8]);
    const circles = page.getByTestId("retouch").getByTestId("marks").locator("circle.over");
    assert.equal(await circles.count(), 2);
    await page.getByTestId("undo").click();
    assert.equal(await circles.count(), 1);
    await page.getByTestId("tool-text").click();
    const box = await page.getByTestId("stage").boundingBox();
    await page.mouse.click(box.x + 0.1 * box.width, box.y + 0.7 * box.height);
    await page.getByTestId("mark-text").fill("Grate is loose");
    await page.getByTestId("put-text").click();
    await screen(page, "retouch-marks");
    // By keyboard: another arrow in the middle, moved, and gone again.
    await page.getByTestId("tool-arrow").click();
    await page.getByTestId("stage").focus();
    await page.keyboard.press("Enter");
    const last = page.getByTestId("retouch").getByTestId("marks").locator("g").last().locator("path.over");
    const first = await last.getAttribute("d");
    await page.keyboard.press("ArrowLeft");
    assert.notEqual(await last.getAttribute("d"), first);
    await page.keyboard.press("Delete");
    await page.getByTestId("keep").click();
    await page.getByTestId("retouch").waitFor({ state: "detached" });
    await page.getByTestId("strip").getByTestId("marks").waitFor();
    await page.getByTestId("add-shots").click();
    const tile = page.getByTestId("photo-after");
    await tile.getByTestId("marks").waitFor();
    await tile.getByRole("button").click();
    const large = page.getByTestId("photo-large");
    await picturesOpen(large);
    assert.match(await large.getByTestId("marks").textContent(), /Grate is\s*loose/);
    await screen(page, "photo-large-marks");
    await page.getByTestId("dialog-close").click();
    await allSent(page);
  });

  await t.test("staff see the marks, residents do not", async () => {
    const desk = await newPhone(t, server, "supervisor", { desk: true });
    await signIn(server, desk, "sam-lindqvist");
    const panel = await openPanel(desk.page, number);
    await panel.getByTestId("photo-after").getByTestId("marks").waitFor();
    const said = JSON.stringify(await requestOf(server, number));
    assert.ok(said.includes(number) && !said.includes("Grate is"), said);
  });

  assert.deepEqual(crew.troubles, []);
});

test("what nobody should see", { skip: noPhotos, timeout: 240_000 }, async (t) => {
  const server = await startServer(t);
  const crew = await newCameraPhone(t, server, "crew-cover", await film(t, "iphone_hdr_YES.jpg"));
  const { page } = crew;
  await signIn(server, crew, "ana-ruiz");
  await openJob(page);

  await t.test("what was covered is in no file that the server got or that the phone keeps", async () => {
    await page.getByTestId("live-after-photo").click();
    await filming(page);
    const before = new Set((await jpegsOnPhone(page)).keys());
    await shoot(page);
    // The original is there at once; what people are shown follows.
    const shot = await until("original, display, thumbnail", async () => {
      const fresh = [...(await jpegsOnPhone(page)).keys()].filter((name) => !before.has(name));
      return fresh.length === 3 && fresh;
    });
    const known = await jpegsAt(server);
    await page.getByTestId("shot").click();
    await page.getByTestId("stage").waitFor();
    await draw(page, "cover", FROM, TO);
    await screen(page, "retouch-cover");
    // Nobody leaves a face uncovered by a slip of the thumb.
    await page.getByTestId("retouch-close").click();
    await screen(page, "retouch-leave");
    await page.getByTestId("cover-on").click();
    await page.getByTestId("leave-uncovered").waitFor({ state: "detached" });
    await page.getByTestId("keep").click();
    await page.getByTestId("retouch").waitFor({ state: "detached" });
    const now = await jpegsOnPhone(page);
    for (const name of shot) assert.ok(!now.has(name), `${name} is gone from the phone`);
    await page.getByTestId("add-shots").click();
    await allSent(page);
    const fresh = (files, old) => [...files].filter(([name]) => !old.has(name));
    const [here, there] = [fresh(await jpegsOnPhone(page), before), fresh(await jpegsAt(server), known)];
    assert.equal(here.length, 2, "display and thumbnail");
    assert.equal(there.length, 2, "and the server has no more");
    for (const [name, file] of [...here, ...there]) {
      assert.ok((await brightest(page, file, INSIDE)) < 48, `${name} shows what was covered`);
      assert.ok((await brightest(page, file, [0, 0, 1, 0.2])) > 100, `${name} shows the rest`);
    }
    await page.getByTestId("photo-after").getByRole("button").click();
    await page.getByTestId("covered").waitFor();
    await screen(page, "photo-large-covered");
  });

  assert.deepEqual(crew.troubles, []);
});

test("without a camera that can be used", { skip: noPhotos, timeout: 240_000 }, async (t) => {
  const server = await startServer(t);

  await t.test("where there is none, nothing of it is shown; a photo can be marked and covered all the same", async () => {
    const crew = await newPhone(t, server, "no-camera");
    const { page } = crew;
    await signIn(server, crew, "ana-ruiz");
    await openJob(page);
    await page.getByTestId("before-photo").waitFor({ state: "attached" });
    assert.equal(await page.getByTestId("live-before-photo").count(), 0);
    await page.getByTestId("retouch-photo").setInputFiles([photo("DSCN0010.jpg")]);
    await page.getByTestId("held").getByTestId("shot").click();
    await page.getByTestId("stage").waitFor();
    await draw(page, "cover", FROM, TO);
    await page.getByTestId("keep").click();
    await page.getByTestId("retouch").waitFor({ state: "detached" });
    await crew.offline();
    await noSignal(page);
    const files = await jpegsOnPhone(page);
    assert.equal(files.size, 2, "the original with its EXIF block is gone, too");
    for (const [name, file] of files) assert.ok((await brightest(page, file, INSIDE)) < 48, name);
    assert.deepEqual(crew.troubles, []);
  });

  await t.test("what this phone cannot prepare is said so in the editor, is tried again when asked, and can be added or thrown away", async () => {
    const crew = await newPhone(t, server, "cannot-show");
    const { page } = crew;
    await signIn(server, crew, "ana-ruiz");
    await openJob(page);
    await page.getByTestId("retouch-photo").setInputFiles([photo("IMG_5195.HEIC")]);
    const held = page.getByTestId("held");
    await held.getByTestId("shot").click();
    await page.getByTestId("make-again").waitFor();
    await screen(page, "retouch-cannot-show");
    // It takes an instant, so everything that is said meanwhile is noted.
    await page.getByTestId("retouch").evaluate((editor) => {
      globalThis.said = "";
      const note = () => (globalThis.said += editor.textContent);
      new MutationObserver(note).observe(editor, { subtree: true, childList: true, characterData: true });
    });
    await page.getByTestId("make-again").click();
    await until("it was tried", () => page.evaluate(() => globalThis.said.includes("Preparing the photo")));
    await until("and could not be", () => page.getByTestId("make-again").isEnabled());
    assert.match(await page.getByTestId("retouch").textContent(), /could not prepare this photo/);
    await page.getByTestId("retouch-close").click();
    assert.equal(await held.getByTestId("shot").count(), 1, "it is still there");
    assert.deepEqual(crew.troubles, []);
  });

  await t.test("a photo that another tab adds or throws away while it is open is not simply gone: what happened is said", async () => {
    const crew = await newPhone(t, server, "two-tabs");
    const { page } = crew;
    await signIn(server, crew, "ana-ruiz");
    await openJob(page);
    const job = new URL(page.url()).pathname;
    const other = await crew.context.newPage();
    await crew.open(job, other);
    const held = other.getByTestId("held");
    const openOne = async () => {
      await page.getByTestId("retouch-photo").setInputFiles([photo("DSCN0010.jpg")]);
      await page.getByTestId("held").getByTestId("shot").click();
      await page.getByTestId("stage").waitFor();
    };
    const said = page.getByTestId("notice").filter({ hasText: "in another tab" });
    const gone = async (words) => {
      await page.getByTestId("retouch").waitFor({ state: "detached" });
      await said.waitFor();
      const text = await said.textContent();
      for (const each of words) assert.ok(text.includes(each), text);
      await screen(page, words[0].includes("added") ? "crew-job-added-elsewhere" : "crew-job-thrown-elsewhere");
      await said.getByTestId("notice-close").click();
      await nothingInert(page);
    };

    await openOne();
    await draw(page, "arrow", [0.2, 0.2], [0.5, 0.5]);
    await held.getByTestId("shot").click();
    await other.getByTestId("throw-away").click();
    await other.getByTestId("throw-away-yes").click();
    await gone(["thrown away", "never sent", "What you drew here was not kept"]);
    assert.equal(await page.getByTestId("photo-before").count(), 0);
    // Whoever throws it away is told nothing that they know.
    await other.getByTestId("held").waitFor({ state: "detached" });
    assert.equal(await other.getByTestId("notice").count(), 0);

    await openOne();
    await held.getByTestId("add-held").click();
    await gone(["These photos were added", "among this job"]);
    await page.getByTestId("photo-before").waitFor();
    await other.close();
    assert.deepEqual(crew.troubles, []);
  });

  await t.test("where the person says no, it is said in words, and a file does it", async () => {
    const crew = await newCameraPhone(t, server, "refused", await film(t, "DSCN0010.jpg"), { allowed: false });
    const { page } = crew;
    await signIn(server, crew, "ana-ruiz");
    await openJob(page, "Litter");
    await page.getByTestId("live-before-photo").click();
    await page.getByTestId("no-camera").filter({ hasText: "its settings say no" }).waitFor();
    await screen(page, "camera-refused");
    await page.getByTestId("other-way").setInputFiles([photo("DSCN0010.jpg")]);
    // As with everything that comes by way of the camera: nothing leaves before it was looked at.
    await page.getByTestId("held").getByTestId("shot").waitFor();
    await page.getByTestId("before-photo").setInputFiles([photo("landscape_1.jpg")]);
    await until("what was picked waits beside it", async () => (await page.getByTestId("held").getByTestId("shot").count()) === 2);
    assert.equal(await page.getByTestId("photo-before").count(), 0);
    await page.getByTestId("add-held").click();
    await until("both are the job's", async () => (await page.getByTestId("photo-before").count()) === 2);
    await allSent(page);
    assert.deepEqual(crew.troubles, []);
  });
});

test("an inspector's camera", { skip: noPhotos, timeout: 240_000 }, async (t) => {
  const server = await startServer(t);
  // Without a film the camera shows Chromium's own picture, no two frames of which are the same; a draft takes one picture once.
  const inspector = await newCameraPhone(t, server, "inspector", null);
  const { page } = inspector;
  await watchCameras(inspector);
  // No camera in this machine has a light, so a light is pretended; that it is asked for is real.
  await inspector.context.addInitScript(() => {
    const { prototype } = MediaStreamTrack;
    prototype.getCapabilities = () => ({ torch: true });
    prototype.applyConstraints = async (wanted) => void (globalThis.light = wanted.advanced[0].torch);
  });
  await signIn(server, inspector, "ines-okafor");

  await t.test("shots become drafts at once, with the place of the moment, and a new report begins when they say so", async () => {
    await page.getByTestId("live-photos").click();
    await filming(page);
    await page.getByTestId("torch").click();
    await until("the light is on", () => page.evaluate(() => globalThis.light === true));
    await screen(page, "camera-reports");
    await shoot(page);
    await shoot(page, 1);
    await page.getByTestId("next-report").click();
    await until("the strip is empty", async () => (await page.getByTestId("shot").count()) === 0);
    await shoot(page);
    await page.getByTestId("camera-close").click();
    await until("two drafts", async () => (await page.getByTestId("draft").count()) === 2);
    for (const draft of await page.getByTestId("draft").all()) {
      assert.match(await draft.getByTestId("draft-place-source").textContent(), /this phone, ±/);
      assert.match(await draft.textContent(), /Taken /);
    }
    await until("the camera is given back", async () => (await cameras(page)).every((state) => state === "ended"));
    await screen(page, "inspector-drafts-camera");
  });

  await t.test("a draft's photo is covered before it is filed", async () => {
    const before = await until("all three photos are made", async () => {
      const files = await jpegsOnPhone(page);
      return files.size === 9 && files;
    });
    const single = page.getByTestId("draft").nth(1);
    await single.getByTestId("draft-photo").click();
    await page.getByTestId("stage").waitFor();
    await draw(page, "cover", FROM, TO);
    await page.getByTestId("keep").click();
    await page.getByTestId("retouch").waitFor({ state: "detached" });
    const after = await jpegsOnPhone(page);
    assert.equal(after.size, before.size - 1, "three files became two");
    for (const [name, file] of after) {
      if (!before.has(name)) assert.ok((await brightest(page, file, INSIDE)) < 48, name);
    }
    await picturesOpen(single);
    assert.deepEqual(await jpegsAt(server), new Map());
  });

  await t.test("a draft's photo that another tab puts elsewhere, or throws away, while it is open: that is said, too", async () => {
    const other = await inspector.context.newPage();
    await other.goto(page.url());
    const theirs = other.getByTestId("draft");
    const said = async (words) => {
      await page.getByTestId("retouch").waitFor({ state: "detached" });
      const notice = page.getByTestId("notice").filter({ hasText: words });
      await notice.getByTestId("notice-close").click();
      await nothingInert(page);
    };
    await page.getByTestId("draft").nth(1).getByTestId("draft-photo").click();
    await page.getByTestId("stage").waitFor();
    await theirs.nth(1).getByTestId("join-above").click();
    await said("put into another draft in another tab");
    await page.getByTestId("draft").getByTestId("draft-photo").click();
    await page.getByTestId("draft-photos").getByTestId("shot").last().click();
    await page.getByTestId("stage").waitFor();
    await draw(page, "circle", [0.4, 0.4], [0.5, 0.4]);
    await theirs.getByTestId("discard").click();
    await other.getByTestId("discard-yes").click();
    await said("What you drew here was not kept");
    assert.equal(await page.getByTestId("draft").count(), 0);
    await other.close();
  });

  await t.test("the camera goes while nobody looks, and comes back", async () => {
    // The other tab of the test before this one is closed, but a page that nobody looks at draws nothing.
    await page.bringToFront();
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await page.getByTestId("live-photos").click();
    await filming(page);
    const other = await inspector.context.newPage();
    await other.bringToFront();
    await page.evaluate(() => {
      // A headless browser shows all its pages at once.
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
    });
    await until("it is given back", async () => (await cameras(page)).every((state) => state === "ended"));
    await page.bringToFront();
    await page.evaluate(() => Reflect.deleteProperty(document, "hidden"));
    await until("it films again", async () => (await cameras(page)).at(-1) === "live");
    await other.close();
    await page.getByTestId("camera-close").click();
  });

  assert.deepEqual(inspector.troubles, []);
});

/** The JPEGs that the server has on its disk, by name. */
async function jpegsAt(server) {
  const found = new Map();
  for (const entry of await readdir(server.data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (bytes[0] === 0xff && bytes[1] === 0xd8) found.set(entry.name, bytes);
  }
  return found;
}
