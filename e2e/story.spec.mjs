// The main job from end to end: filed from photos without a signal, done without a signal, reconciled. The server, the
// browsers and the photos are real; the network is really cut, the browser and the server are really killed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openRequest, requestOf, requestsOf } from "./lib/open311.mjs";
import { newPhone } from "./lib/phone.mjs";
import { hasMetadata, noPhotos, photo } from "./lib/photos.mjs";
import { sameWayUp } from "./lib/pixels.mjs";
import { screen } from "./lib/screen.mjs";
import { startServer } from "./lib/server.mjs";
import {
  allSent, draftOf, goTo, historyOf, line, noSignal, openPanel, openPhoto, picturesOpen, rowOf, signIn,
} from "./lib/staff.mjs";
import { story } from "./lib/steps.mjs";
import { until } from "./lib/until.mjs";

const NOTE = "Gravel on the shoulder: sweep it tomorrow.";

test("the main job, end to end", { skip: noPhotos, timeout: 900_000 }, async (t) => {
  const step = story(t);
  const server = await startServer(t);
  // Somebody has reported a pothole eleven meters from where the second photo was taken.
  await openRequest(server, { service_code: "pothole", lat: 47.627267, long: -122.337333, ...answers("plate", "no") });
  const inspector = await newPhone(t, server, "inspector");
  const crew = await newPhone(t, server, "crew");
  const desk = await newPhone(t, server, "supervisor", { desk: true });
  await signIn(server, inspector, "ines-okafor");
  await signIn(server, crew, "ana-ruiz");
  await signIn(server, desk, "sam-lindqvist");
  const [before, jobsBefore] = [await requestsOf(server), await jobsOnDesk(desk.page)];
  let pothole, light, resident;

  await step("1. offline, photos become drafts with place and time, and drafts become work orders", async () => {
    const { page } = inspector;
    await screen(page, "inspector-empty");
    await inspector.offline();
    await noSignal(page);
    const picked = ["DSCN0010.jpg", "iphone5_rotated.jpg", "no_exif.jpg"].map(photo);
    await page.getByTestId("add-photos").setInputFiles(picked);
    await until("three drafts", async () => (await page.getByTestId("draft").count()) === 3);

    const abroad = draftOf(page, "outside the city");
    const street = draftOf(page, "2012");
    const nowhere = draftOf(page, "No place in the photo");
    assert.match(await abroad.textContent(), /2008/, "the time is the camera's");
    for (const draft of [abroad, street]) {
      assert.match(await draft.getByTestId("draft-place-source").textContent(), /from the photo/);
      await draft.getByTestId("map").waitFor();
    }
    await picturesOpen(page.getByTestId("drafts"), 3);
    const image = street.locator("img").first();
    assert.ok(await sameWayUp(page, image, photo("iphone5_rotated.jpg")), "shown as the camera was held");
    await screen(page, "inspector-drafts");

    await nowhere.getByTestId("set-pin").click();
    await page.getByTestId("pin-here").waitFor();
    await screen(page, "inspector-pin");
    await page.getByTestId("pin-here").click();
    await draftOf(page, "a pin on the map").waitFor();

    await abroad.getByTestId("keep-place").click();
    await pick(page, abroad, "street_light_out", { fault: "out" });
    await pick(page, street, "pothole", { size: "tire", beside_grate: "no" });
    const nearby = street.getByTestId("nearby");
    await nearby.filter({ hasText: "Already reported" }).waitFor();
    await street.scrollIntoViewIfNeeded();
    await screen(page, "inspector-nearby");
    await nearby.getByTestId("another-one").click();
    await page.getByTestId("file-drafts").filter({ hasText: "File 2 and keep 1" }).click();
    await until("one draft is left", async () => (await page.getByTestId("draft").count()) === 1);
    pothole = await filedId(page, "Pothole");
    light = await filedId(page, "Street light out");
  });

  await step("2. after a reload, still offline, everything is there", async () => {
    const { page } = inspector;
    await page.reload();
    await noSignal(page);
    await draftOf(page, "a pin on the map").waitFor();
    await picturesOpen(page.getByTestId("draft"));
    assert.equal(await filedId(page, "Pothole"), pothole);
    assert.equal(await filedId(page, "Street light out"), light);
    await goTo(page, "sync");
    await until("two jobs wait", async () => (await page.getByTestId("waiting").count()) === 2);
    await goTo(page, "drafts");
  });

  await step("3. with a signal both get numbers, and the crew's phone shows them without a reload", async () => {
    await crew.page.evaluate(() => (globalThis.untouched = true));
    await inspector.online();
    await allSent(inspector.page);
    for (const id of [pothole, light]) {
      const row = inspector.page.getByTestId("filed").locator(`[href$="/job/${id}"]`);
      await row.filter({ hasText: /\d\d-\d+/ }).waitFor();
      await rowOf(crew.page, { id });
    }
    assert.ok(await crew.page.evaluate(() => globalThis.untouched), "nobody reloaded the crew's page");
  });

  await step("4. everything that the crew typed offline is there after the browser was killed", async () => {
    await (await rowOf(crew.page, { id: pothole })).click();
    await crew.page.getByTestId("job").waitFor();
    await crew.offline();
    await noSignal(crew.page);
    let { page } = crew;
    await page.getByTestId("start").click();
    await page.getByTestId("before-photo").setInputFiles(photo("landscape_6.jpg"));
    await picturesOpen(page.getByTestId("photo-before"));
    await page.getByTestId("note").fill(NOTE);
    for (const item of ["cones", "clean"]) await page.getByTestId(`tick-${item}`).click();
    await page.getByTestId("labor-minutes").fill("20");
    for (let bags = 0; bags < 2; bags++) await page.getByTestId("material-cold-patch-more").click();
    // Start, photo, two ticks, labor, two presses of plus: each is counted once it is durable.
    await line(page, "7 things are safe");
    await page.evaluate(() => scrollTo(0, 0));
    await screen(page, "crew-job");
    await crew.kill();

    await crew.on();
    ({ page } = crew);
    await crew.open("/app/");
    await page.getByTestId("account").click();
    await noSignal(page);
    await picturesOpen(page.getByTestId("today"));
    await screen(page, "crew-today");
    await (await rowOf(page, { id: pothole })).click();
    await page.getByTestId("status").filter({ hasText: "Working" }).waitFor();
    await picturesOpen(page.getByTestId("photo-before"));
    for (const item of ["cones", "clean"]) {
      assert.equal(await page.getByTestId(`tick-${item}`).getAttribute("aria-checked"), "true");
    }
    assert.equal(await page.getByTestId("tick-level").getAttribute("aria-checked"), "false");
    assert.equal(await page.getByTestId("labor-minutes").inputValue(), "20");
    assert.equal(await page.getByTestId("material-cold-patch").inputValue(), "2");
    await until("the note is there", async () => (await page.getByTestId("note").inputValue()) === NOTE);

    await page.getByTestId("add-note").click();
    await page.getByTestId("tick-level").click();
    await page.getByTestId("after-photo").setInputFiles(photo("portrait_8.jpg"));
    await picturesOpen(page.getByTestId("photo-after"));
    await page.getByTestId("finish").click();
    await page.getByTestId("status").filter({ hasText: "Done" }).first().waitFor();
    await goTo(page, "sync");
    await page.getByTestId("waiting").first().waitFor();
    await screen(page, "sync");
    await goTo(page, `job/${pothole}`);
  });

  let number;
  await step("5. meanwhile the supervisor raises the priority and gives the job to the other crew", async () => {
    number = await inspector.page.locator(`[href$="/job/${pothole}"]`).first().textContent();
    number = number.match(/\d\d-\d+/)[0];
    await screen(desk.page, "desk");
    const panel = await openPanel(desk.page, number);
    await panel.getByTestId("priority-urgent").click();
    await panel.getByTestId("assign-crew-1").click();
    await until("it is in the history", async () => (await historyOf(panel)).some((each) => /to Crew 1/.test(each)));
    await allSent(desk.page);
  });

  await step("6. with a signal everybody sees: done by the crew who did it, both changes, a flag for review", async () => {
    await crew.online();
    await allSent(crew.page);
    const panel = desk.page.getByTestId("panel");
    for (const [where, page] of [[crew.page.getByTestId("job"), crew.page], [panel, desk.page]]) {
      const me = page === crew.page;
      await where.getByTestId("status").filter({ hasText: "Done" }).first().waitFor();
      await where.getByTestId("flag").filter({ hasText: me ? "Done by you while Sam Lindqvist" : "Done by Crew 4 while you" }).waitFor();
      const history = (await historyOf(where)).join("\n");
      for (const [by, did] of [
        [me ? "Sam Lindqvist" : "You", "set the priority to Urgent"],
        [me ? "Sam Lindqvist" : "You", "gave it to Crew 1"],
        [me ? "You" : "Crew 4", "finished it"],
        [me ? "You" : "Crew 4", "worked: 2 people × 20 min"],
        [me ? "You" : "Crew 4", "used 2 bags"],
      ]) {
        assert.ok(history.includes(`${by} ${did}`), `“${by} ${did}” is not in the history:\n${history}`);
      }
      assert.equal(history.split(NOTE).length, 2, "the note is there once");
      for (const slot of ["before", "after"]) assert.ok((await openPhoto(page, where, slot)) > 320);
      await picturesOpen(where.getByTestId("photos"), 3);
    }
    await desk.page.getByTestId("search").fill("");
    await desk.page.getByTestId("queue-review").click();
    await until("one to review", async () => (await desk.page.getByTestId("job-row").count()) === 1);
    await panel.getByTestId("flag").scrollIntoViewIfNeeded();
    await screen(desk.page, "desk-review");
    await screen(crew.page, "crew-job-review");
  });

  await step("7. Open311 says closed, with times and a photo that says nothing about its camera", async () => {
    const request = await requestOf(server, number);
    assert.equal(request.status, "closed");
    for (const time of [request.requested_datetime, request.updated_datetime]) assert.ok(Date.parse(time) > 0, time);
    const image = await fetch(request.media_url);
    assert.equal(image.status, 200);
    assert.equal(image.headers.get("content-type"), "image/jpeg");
    assert.ok(!hasMetadata(Buffer.from(await image.arrayBuffer())), "no EXIF, no XMP, no IPTC");
  });

  await step("8. a resident's report, made offline, goes out by itself and is followed until it is closed", async () => {
    resident = await newPhone(t, server, "resident");
    const { page } = resident;
    await resident.open("/");
    await page.evaluate(() => navigator.serviceWorker.ready);
    await resident.offline();
    await page.getByTestId("report-type-pothole").click();
    await page.getByTestId("address").fill("Market St 214");
    await page.locator("[name=q_size][value=tire]").check();
    await page.locator("[name=q_beside_grate][value=no]").check();
    await page.getByTestId("description").fill("Bikes swerve into the traffic because of it.");
    await page.getByTestId("photo").setInputFiles(photo("landscape_1.jpg"));
    await page.getByTestId("send").click();
    const item = page.getByTestId("outbox-item");
    await item.filter({ hasText: "Waiting" }).waitFor();
    await page.reload();
    await item.filter({ hasText: "Waiting" }).waitFor();

    await resident.online();
    await page.getByTestId("tracking-link").waitFor({ timeout: 30_000 });
    await page.getByTestId("tracking-link").click();
    await page.getByTestId("timeline").filter({ hasText: "Received" }).waitFor();
    assert.match(await page.getByTestId("status").textContent(), /Waiting/);
    await picturesOpen(page.locator("main"));

    const theirs = await page.getByTestId("tracking-number").textContent();
    const { address } = await requestOf(server, theirs);
    await goTo(crew.page, "today");
    await (await rowOf(crew.page, { words: new RegExp(`Pothole.*${address}`) })).click();
    await crew.page.getByTestId("tracking-number").filter({ hasText: theirs }).waitFor();
    await crew.page.getByTestId("start").click();
    await page.getByTestId("status").filter({ hasText: "Working" }).waitFor({ timeout: 30_000 });
    await crew.page.getByTestId("after-photo").setInputFiles(photo("portrait_6.jpg"));
    await picturesOpen(crew.page.getByTestId("photo-after"));
    await crew.page.getByTestId("finish").click();
    await crew.page.getByTestId("finish-dialog").waitFor();
    await screen(crew.page, "crew-finish-missing");
    await crew.page.getByTestId("finish-anyway").click();
    await page.getByTestId("status").filter({ hasText: "Done" }).waitFor({ timeout: 30_000 });
    await page.getByText("After the work").waitFor({ timeout: 30_000 });
    await screen(page, "resident-done");
  });

  await step("9. the server is killed in the middle of a sync, and nothing is lost or doubled", async () => {
    const { page } = crew;
    const said = [];
    // The photo of the step before may still be on its way; here every single thing is counted.
    await allSent(page);
    for (const [path, method, when] of [["/api/sync", "POST", "sent"], ["/api/sync", "POST", "answered"]]) {
      const struck = crew.wire.trap(method, path, when);
      said.push(`Written when the server was killed: ${when}.`);
      await page.getByTestId("note").fill(said.at(-1));
      await page.getByTestId("add-note").click();
      const tear = await struck;
      await server.kill();
      tear();
      await line(page, "1 thing is safe");
      await server.start();
      await allSent(page);
    }
    // Small files go together, a large one in parts.
    const photos = { "no_exif.jpg": ["POST", "/api/files"], "DSCN0012.jpg": ["POST", "/api/uploads"] };
    for (const [name, [method, path]] of Object.entries(photos)) {
      const struck = crew.wire.trap(method, path, "answered");
      await page.getByTestId("before-photo").setInputFiles(photo(name));
      const tear = await struck;
      await server.kill();
      tear();
      await line(page, /1 thing/);
      await server.start();
      await allSent(page);
    }

    const theirs = await page.getByTestId("tracking-number").first().textContent();
    const panel = await openPanel(desk.page, theirs, "closed");
    await picturesOpen(panel.getByTestId("photos"), 4);
    const history = (await historyOf(panel)).join("\n");
    for (const words of said) assert.equal(history.split(words).length, 2, `once, not lost and not doubled: ${words}`);

    const after = await requestsOf(server);
    const numbers = after.map((each) => each.service_request_id);
    assert.equal(new Set(numbers).size, numbers.length, "every number once");
    assert.equal(after.length, before.length + 3, "two from the inspector, one from the resident");
    await desk.page.getByTestId("search").fill("");
    await until("three more work orders on the desk", async () => (await jobsOnDesk(desk.page)) === jobsBefore + 3);
    for (const phone of [inspector, crew, desk, resident]) assert.deepEqual(phone.troubles, [], phone.name);
  });
});

async function pick(page, draft, code, answers) {
  const chip = draft.getByTestId(`draft-type-${code}`);
  if (await chip.count()) {
    await chip.click();
  } else {
    await draft.getByTestId("draft-type-other").click();
    await page.getByTestId(`type-${code}`).click();
  }
  for (const [question, key] of Object.entries(answers)) await draft.getByTestId(`answer-${question}-${key}`).click();
}

/** The id of the job that the inspector's list of what was filed calls this. */
async function filedId(page, title) {
  const row = page.getByTestId("filed").getByTestId("job-row").filter({ hasText: title }).first();
  return (await row.getAttribute("href")).split("/").at(-1);
}

/** How many work orders the desk counts, open and closed. */
async function jobsOnDesk(page) {
  const counts = page.locator("[data-testid=queue-open] b, [data-testid=queue-closed] b");
  await until("the desk's counts", async () => (await counts.count()) === 2);
  return (await counts.allTextContents()).reduce((sum, text) => sum + Number(text), 0);
}

function answers(size, grate) {
  return { "attribute[size]": size, "attribute[beside_grate]": grate };
}
