// Many photos at once: dropped, pasted or picked, put in order and together, made beside the engine; stopped, interrupted,
// and with something broken among them. Photos are real ones, with places and times written into them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newPhone } from "./lib/phone.mjs";
import { noPhotos } from "./lib/photos.mjs";
import { handOver, street } from "./lib/picking.mjs";
import { screen } from "./lib/screen.mjs";
import { startServer } from "./lib/server.mjs";
import { allSent, noSignal, picturesOpen, rowOf, signIn } from "./lib/staff.mjs";
import { until } from "./lib/until.mjs";

test("many photos at once", { skip: noPhotos, timeout: 600_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "inspector");
  await signIn(server, phone, "ines-okafor");
  const { page } = phone;
  const drafts = page.getByTestId("draft");
  const done = () => until("nothing is under way", async () => (await page.getByTestId("picking").count()) === 0, { timeout: 60_000 });
  const discardAll = async () => {
    while (await drafts.count()) {
      const before = await drafts.count();
      await drafts.first().getByTestId("discard").click();
      await page.getByTestId("discard-yes").click();
      await until("one draft less", async () => (await drafts.count()) === before - 1);
    }
  };

  await t.test("twelve photos dropped become the right drafts, in the order taken, without a signal", async () => {
    await phone.offline();
    await noSignal(page);
    // Dropped in another order than taken: three of a pothole, two of a lamp, one each of two other things, three without
    // a position, of which one was taken right after the lamp, and two that are one moment.
    const files = await street([
      { at: 300, up: 200 }, { at: 0, up: 0 }, { at: 312, up: 204 }, { at: 20, up: 6 }, { at: 41, up: 10 },
      { at: 500, up: 400 }, { at: 700, up: 600 }, { at: 318 }, { at: 900 }, { at: 912 }, { at: 1200, up: 800 }, { at: 1200, up: 800 },
    ]);
    await handOver(page, "hover", files.slice(0, 1));
    await page.getByTestId("drop-here").waitFor();
    await screen(page, "inspector-drop");
    await handOver(page, "drop", files);
    assert.equal(await page.getByTestId("drop-here").count(), 0);
    await until("six drafts", async () => (await drafts.count()) === 6, { timeout: 60_000 });
    await done();
    const counts = await Promise.all((await drafts.all()).map(async (draft) => (await draft.getByTestId("strip-photo").count()) || 1));
    assert.deepEqual(counts, [3, 3, 1, 1, 2, 1]);
    const times = await Promise.all((await drafts.all()).map(async (draft) => (await draft.textContent()).match(/\d\d:\d\d/)[0]));
    assert.deepEqual(times, times.toSorted(), "in the order taken");
    await picturesOpen(page.getByTestId("drafts"), 11);
    const leftOut = page.getByTestId("notice").filter({ hasText: "shows the same moment" });
    assert.match(await leftOut.textContent(), /IMG_0011\.jpg/);
    await leftOut.getByTestId("notice-close").click();
    await page.evaluate(() => scrollTo(0, 0));
    await screen(page, "inspector-batch");
  });

  await t.test("a photo that was put into the wrong draft leaves it, and two drafts become one", async () => {
    await drafts.first().getByTestId("strip-photo").nth(2).click();
    await page.getByTestId("strip-dialog").locator("img").first().waitFor();
    await screen(page, "inspector-batch-photo");
    await page.getByTestId("part-draft").click();
    await until("one more draft", async () => (await drafts.count()) === 7);
    assert.equal(await drafts.first().getByTestId("strip-photo").count(), 2);
    await drafts.nth(1).getByTestId("join-above").click();
    await until("one draft again", async () => (await drafts.count()) === 6);
    assert.equal(await drafts.first().getByTestId("strip-photo").count(), 3);
    await discardAll();
  });

  await t.test("a photo that is pasted becomes a draft", async () => {
    await handOver(page, "paste", await street([{ at: 0, up: 0 }]));
    await until("a draft", async () => (await drafts.count()) === 1);
    await done();
    await discardAll();
  });

  await t.test("a broken file among good ones is named, and the others are kept", async () => {
    const good = await street([{ at: 0, up: 0 }, { at: 100, up: 200 }]);
    const broken = { ...good[0], name: "broken.jpg", base64: Buffer.from("This is no photo.").toString("base64") };
    await handOver(page, "drop", [good[0], broken, good[1]]);
    await until("two drafts", async () => (await drafts.count()) === 2);
    await done();
    const notice = page.getByTestId("notice").filter({ hasText: "broken.jpg was not taken in" });
    await notice.waitFor();
    assert.match(await notice.textContent(), /not a picture/);
    await page.evaluate(() => scrollTo(0, 0));
    await screen(page, "inspector-batch-broken");
    await notice.getByTestId("notice-close").click();
    await until("the notice is gone", async () => (await notice.count()) === 0);
    await discardAll();
  });

  await t.test("stopping keeps what is made, and the app answers meanwhile", async () => {
    const files = await street(Array.from({ length: 24 }, (_, n) => ({ at: 700 * n, up: 100 * n })), "iphone_hdr_YES.jpg");
    await handOver(page, "drop", files);
    await drafts.nth(1).waitFor({ timeout: 30_000 });
    await page.getByTestId("picking").getByText(/of 24/).waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await screen(page, "inspector-batch-progress");
    await page.getByTestId("stop-picking").click();
    await done();
    const kept = await drafts.count();
    assert.ok(kept >= 2 && kept < 24, `${kept} drafts`);
    await page.reload();
    await until("no fewer after a reload", async () => (await drafts.count()) >= kept);
    assert.equal(await page.getByTestId("picking").count(), 0, "and no more come");
    await discardAll();
  });

  await t.test("a reload in the middle loses nothing: what was kept is made, what was not is named", async () => {
    const files = await street(Array.from({ length: 24 }, (_, n) => ({ at: 700 * n, up: 100 * n })), "iphone_hdr_YES.jpg");
    await handOver(page, "drop", files);
    await drafts.first().waitFor({ timeout: 30_000 });
    assert.ok(await page.getByTestId("picking").count(), "the rest is not made yet");
    await page.reload();
    await drafts.first().waitFor();
    await done();
    const notice = page.getByTestId("notice").filter({ hasText: "Pick it again" });
    const names = page.getByTestId("not-taken-in-name");
    const named = (await names.count()) || (await notice.count());
    await until("every photo is a draft or named", async () => (await drafts.count()) + named === 24);
    assert.ok((await drafts.count()) >= 4, "it went on after the reload");
    await picturesOpen(page.getByTestId("drafts"), await drafts.count());
  });

  await t.test("many photos that could not be kept for one reason are one card, with their names in it and one button for all", async () => {
    await discardAll();
    const old = page.getByTestId("notice");
    while (await old.count()) {
      const before = await old.count();
      await old.first().getByTestId("notice-close").click();
      await until("one card less", async () => (await old.count()) < before);
    }
    // What has no bytes fails for one reason, however quick the machine is.
    const files = (await street(Array.from({ length: 50 }, (_, n) => ({ at: 700 * n, up: 100 * n })))).map((file) => ({ ...file, base64: "" }));
    const [good] = await street([{ at: 0, up: 0 }]);
    await handOver(page, "drop", [...files, { ...good, name: "good.jpg" }]);
    await until("the good one is a draft", async () => (await drafts.count()) === 1, { timeout: 60_000 });
    await done();
    const card = page.getByTestId("notice");
    assert.equal(await card.count(), 1);
    assert.match(await card.textContent(), /50 photos were not taken in/);
    const names = card.getByTestId("not-taken-in-name");
    assert.equal(await names.count(), 50);
    assert.ok(!(await names.first().isVisible()), "closed at first");
    await screen(page, "inspector-batch-not-taken-in");
    await card.locator("summary").click();
    await names.filter({ hasText: "IMG_0049.jpg" }).scrollIntoViewIfNeeded();
    await screen(page, "inspector-batch-not-taken-in-names");
    await card.getByTestId("notice-close").click();
    await until("the card is gone, with all of them", async () => (await card.count()) === 0);
    await page.reload();
    await drafts.first().waitFor();
    assert.equal(await page.getByTestId("notice").count(), 0);
  });

  await t.test("the app's own Worker answers while photos are made", async () => {
    await discardAll();
    const files = await street(Array.from({ length: 24 }, (_, n) => ({ at: 700 * n, up: 100 * n })), "iphone_hdr_YES.jpg");
    await handOver(page, "drop", files);
    await drafts.first().waitFor();
    await drafts.first().getByTestId("draft-type-pothole").click();
    // Two are made at once, and the one that was taken first may come second: then the draft that was begun is not the first any more.
    const questions = page.getByTestId("answer-size-tire");
    await questions.waitFor();
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await page.getByTestId("marker").first().waitFor();
    await page.getByRole("link", { name: "New", exact: true }).click();
    await drafts.first().waitFor();
    assert.ok(await page.getByTestId("picking").count(), "all that was answered while photos were made");
    await done();
    await until("all drafts", async () => (await drafts.count()) === 24);
    assert.equal(await questions.count(), 1, "and is there when all are made");
  });

  assert.deepEqual(phone.troubles, []);
});

test("a list shows a photo's colors until its thumbnail is here", { skip: noPhotos, timeout: 180_000 }, async (t) => {
  const server = await startServer(t);
  const inspector = await newPhone(t, server, "inspector");
  const crew = await newPhone(t, server, "crew");
  await signIn(server, inspector, "ines-okafor");
  await signIn(server, crew, "ana-ruiz");
  const { page } = inspector;
  await handOver(page, "drop", await street([{ at: 0, up: 0 }]));
  const draft = page.getByTestId("draft");
  await draft.getByTestId("draft-type-pothole").click();
  for (const answer of ["size-tire", "beside_grate-no"]) await draft.getByTestId(`answer-${answer}`).click();
  await page.getByTestId("file-drafts").filter({ hasText: "File 1" }).click();
  const href = await page.getByTestId("filed").locator("[href*='/job/']").first().getAttribute("href");
  await allSent(page);

  const row = await rowOf(crew.page, { id: href.split("/").at(-1) });
  const held = crew.wire.trap("GET", "/api/files/", "answered");
  await row.click();
  const shown = crew.page.getByTestId("photo-report");
  await shown.getByTestId("blur").waitFor();
  await screen(crew.page, "crew-job-photo-coming");
  const tear = await held;
  tear();
  await crew.offline();
  await crew.online();
  await picturesOpen(shown);
  await until("the colors are gone", async () => (await shown.getByTestId("blur").count()) === 0);
});
