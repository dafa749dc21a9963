// Second thoughts and jobs that belong together: taking back, duplicates, follow-ups; and what the sheet says of photos.
import assert from "node:assert/strict";
import { test } from "node:test";
import { metered } from "./lib/metered.mjs";
import { openRequest } from "./lib/open311.mjs";
import { newPhone } from "./lib/phone.mjs";
import { noPhotos, photo } from "./lib/photos.mjs";
import { screen } from "./lib/screen.mjs";
import { startServer } from "./lib/server.mjs";
import { allSent, goTo, historyOf, line, noSignal, openPanel, rowOf, signIn } from "./lib/staff.mjs";
import { story } from "./lib/steps.mjs";
import { until } from "./lib/until.mjs";

const LEFT = "Repaint the bike lane’s edge: bring the white.";

test("second thoughts, and jobs that belong together", { timeout: 600_000 }, async (t) => {
  const step = story(t);
  const server = await startServer(t);
  // Two neighbors report one hole, seven meters from each other.
  const hole = { service_code: "pothole", "attribute[size]": "plate", "attribute[beside_grate]": "no" };
  const one = await openRequest(server, { ...hole, lat: 47.627267, long: -122.337333 });
  const two = await openRequest(server, { ...hole, lat: 47.62733, long: -122.33733 });
  const crew = await newPhone(t, server, "crew");
  const inspector = await newPhone(t, server, "inspector");
  const desk = await newPhone(t, server, "supervisor", { desk: true });
  await signIn(server, crew, "ana-ruiz");
  await signIn(server, inspector, "ines-okafor");
  await signIn(server, desk, "sam-lindqvist");
  const { page } = crew;
  let first, second;

  await step("Back from a job leads to the row that was tapped, with a question open, too", async () => {
    await page.getByTestId("job-row").first().waitFor();
    await page.evaluate(() => scrollTo(0, 2_000));
    // A tap that does not scroll, when what comes near the screen is drawn.
    const rowInTheMiddle = () => page.evaluate(() => Boolean(document.elementFromPoint(195, 400)?.closest("[data-testid=job-row]")));
    await until("there is a row in the middle", rowInTheMiddle);
    const down = await page.evaluate(() => scrollY);
    assert.ok(down > 200, `the list is long enough to tell: ${down}`);
    await page.mouse.click(195, 400);
    await page.getByTestId("job").waitFor();
    await page.getByTestId("back").click();
    await page.getByTestId("today").waitFor();
    await until("the list is where it was", () => page.evaluate((down) => Math.abs(scrollY - down) < 3, down));

    await (await rowOf(page, { words: "Pothole" })).click();
    await page.getByTestId("cannot-complete").click();
    await page.getByTestId("reason-words").fill("A car stands on it.");
    await page.goBack();
    await page.getByTestId("reason-words").waitFor({ state: "detached" });
    await page.goBack();
    await page.getByTestId("today").waitFor();
    await page.goForward();
    await page.getByTestId("cannot-complete").click();
    await until("the words are kept", async () =>
      (await page.getByTestId("reason-words").inputValue()) === "A car stands on it.");
    await page.getByTestId("reason-words").fill("");
    await page.getByTestId("dialog-close").click();
  });

  await step("the inspector says that two jobs are the same, and the crew sees it", async () => {
    first = await idOf(desk.page, one);
    second = await idOf(desk.page, two);
    await goTo(inspector.page, `job/${first}`);
    await inspector.page.getByTestId("same-as").click();
    const other = inspector.page.getByTestId("candidate").filter({ hasText: two });
    await other.waitFor();
    await screen(inspector.page, "job-same-as");
    await other.click();
    await inspector.page.getByTestId("same-yes").waitFor();
    await screen(inspector.page, "job-same-sure");
    await inspector.page.getByTestId("same-yes").click();
    await inspector.page.getByTestId("link").filter({ hasText: `Same as ${two}` }).waitFor();
    await allSent(inspector.page);

    await goTo(page, `job/${second}`);
    await page.getByTestId("link").filter({ hasText: `Same as ${one}` }).waitFor({ timeout: 30_000 });
    assert.equal(await page.getByTestId("not-same").count(), 0, "the crew reads it");
    assert.equal(await page.getByTestId("same-as").count(), 0);
    await page.getByTestId("link").click();
    await page.getByTestId("tracking-number").filter({ hasText: one }).waitFor();
  });

  await step("done, taken back with one tap, and done again, with no signal", async () => {
    await crew.offline();
    await noSignal(page);
    await page.getByTestId("start").click();
    await page.getByTestId("status").filter({ hasText: "Working" }).waitFor();
    await finish(page);
    await page.getByTestId("just-done").waitFor();
    await screen(page, "crew-just-done");
    await page.getByTestId("take-back-done").click();
    await page.getByTestId("status").filter({ hasText: "Working" }).waitFor();
    await page.getByTestId("finish").waitFor();
    assert.ok((await historyOf(page)).some((each) => /taken back/.test(each)));

    await finish(page);
    await page.getByTestId("just-done").waitFor();
    await page.getByTestId("just-done").waitFor({ state: "detached", timeout: 20_000 });
    await page.getByTestId("take-back").click();
    await page.getByTestId("take-back-dialog").filter({ hasText: "“Working” again" }).waitFor();
    await screen(page, "crew-take-back");
    await page.getByTestId("leave-it").click();
    await page.getByTestId("status").filter({ hasText: "Done" }).first().waitFor();
  });

  await step("what is left to do becomes a job of its own, and its words survive a reload", async () => {
    await page.getByTestId("follow-up").click();
    await page.getByTestId("follow-up-words").waitFor();
    assert.ok(await page.getByTestId("file-follow-up").isDisabled(), "nothing is filed without words");
    await page.getByTestId("follow-up-words").fill(LEFT);
    await screen(page, "crew-follow-up");
    await page.reload();
    await page.getByTestId("follow-up").click();
    await until("the words are kept", async () => (await page.getByTestId("follow-up-words").inputValue()) === LEFT);
    await page.getByTestId("file-follow-up").click();
    await page.getByTestId("notice").filter({ hasText: "is filed" }).getByTestId("notice-close").click();
    await page.getByTestId("link").filter({ hasText: "Follow-up job" }).waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await screen(page, "crew-job-links");
    await crew.online();
    await allSent(page);
    const link = page.getByTestId("link").filter({ hasText: /Follow-up job \d\d-\d+/ });
    await link.waitFor({ timeout: 30_000 });
    await link.click();
    await page.getByTestId("link").filter({ hasText: `Goes on from ${one}` }).waitFor();
    await page.getByText(LEFT).first().waitFor();
  });

  await step("the duplicate asks to be looked at, until a supervisor says that it may stay", async () => {
    const panel = await openPanel(desk.page, two);
    const flag = panel.getByTestId("flag").filter({ hasText: `${one} is the same thing` });
    await flag.waitFor({ timeout: 30_000 });
    await flag.scrollIntoViewIfNeeded();
    await screen(desk.page, "desk-duplicate-done");
    await flag.getByTestId("keep-as-done").click();
    await flag.waitFor({ state: "detached" });
  });

  await step("they are not the same after all", async () => {
    const panel = desk.page.getByTestId("panel");
    await panel.getByTestId("not-same").click();
    await desk.page.getByTestId("take-back-yes").click();
    await panel.getByTestId("link").waitFor({ state: "detached" });
    await allSent(desk.page);
    await goTo(page, `job/${second}`);
    await page.getByTestId("tracking-number").filter({ hasText: two }).waitFor();
    await until("the crew's link is gone, too", async () => (await page.getByTestId("link").count()) === 0);
  });

  await step("coming back to the app syncs at once", async () => {
    const asked = crew.wire.served.length;
    const synced = () => crew.wire.served.slice(asked).some((each) => each.path === "/api/sync");
    // Said again until it is heard: the app listens to one coming back a second.
    await until("a sync went out", async () => {
      await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      return synced();
    });
  });

  await step("full-size photos wait where a connection costs, and go when the person says so", async (step) => {
    if (noPhotos) return step.skip(noPhotos);
    await goTo(page, "sync");
    const choice = page.getByTestId("originals-on-wifi");
    await choice.click();
    await page.getByTestId("originals").filter({ hasText: "Off" }).waitFor();
    await page.reload();
    await page.getByTestId("originals").filter({ hasText: "Off" }).waitFor();
    await choice.click();
    await page.getByTestId("originals").filter({ hasText: "On" }).waitFor();

    await metered(crew);
    await goTo(page, `job/${second}`);
    await page.getByTestId("before-photo").setInputFiles(photo("DSCN0010.jpg"));
    await page.getByTestId("photo-before").waitFor();
    await line(page, "full-size photo waits for wifi");
    await goTo(page, "sync");
    await page.getByTestId("originals-held").waitFor();
    await screen(page, "sync-originals");
    await page.getByTestId("send-originals").click();
    await page.getByTestId("originals-held").waitFor({ state: "detached" });
    await allSentOnSheet(page);
  });

  await step("a photo whose file the phone has lost needs the person, says so, and holds up nothing else", async (step) => {
    if (noPhotos) return step.skip(noPhotos);
    await crew.offline();
    await goTo(page, `job/${second}`);
    await page.getByTestId("after-photo").setInputFiles(photo("portrait_6.jpg"));
    await page.getByTestId("photo-after").waitFor();
    assert.ok((await page.evaluate(loseFiles)) >= 3, "original, display and thumbnail were there");
    await crew.online();
    await goTo(page, "sync");
    const trouble = page.getByTestId("photo-trouble");
    await trouble.filter({ hasText: "no longer on this phone" }).waitFor({ timeout: 30_000 });
    await page.getByRole("status").filter({ hasText: "1 thing needs you" }).waitFor();
    assert.equal(await page.getByTestId("photo-trouble").count(), 1, "three files of one photo are one thing");
    await page.getByTestId("needs-you").filter({ hasText: "Needs you · 1" }).waitFor();
    await screen(page, "sync-photo-trouble");
    // Trying again would help nobody.
    assert.equal(await trouble.getByTestId("retry-file").count(), 0);
    await trouble.getByTestId("let-file-go").click();
    await trouble.waitFor({ state: "detached" });
    await page.getByTestId("needs-you").waitFor({ state: "detached" });
  });

  // Of the files that we took from it the phone speaks in its log, too.
  const unforeseen = ({ troubles }) => troubles.filter((each) => !/file that waits is not on this device/.test(each));
  for (const phone of [crew, inspector, desk]) assert.deepEqual(unforeseen(phone), [], phone.name);
});

async function finish(page) {
  await page.getByTestId("finish").click();
  await page.getByTestId("finish-anyway").click();
}

async function allSentOnSheet(page) {
  await page.getByTestId("sync-sheet").getByRole("status").filter({ hasText: "All sent" }).waitFor({ timeout: 30_000 });
}

/** The id of the job with this number, by the desk's way to its own screen. */
async function idOf(page, number) {
  const panel = await openPanel(page, number);
  const href = await panel.locator("a[href*='/job/']").first().getAttribute("href");
  return href.match(/\/job\/([^/]+)$/)[1];
}

/** Runs in the page: removes every photo file from the browser's own storage; resolves to how many there were. */
async function loseFiles() {
  const lose = async (folder) => {
    let lost = 0;
    for await (const [name, entry] of folder.entries()) {
      if (entry.kind === "directory") lost += await lose(entry);
      else if (/^[0-9a-f]{64}$/.test(name)) {
        await folder.removeEntry(name);
        lost += 1;
      }
    }
    return lost;
  };
  return lose(await navigator.storage.getDirectory());
}
