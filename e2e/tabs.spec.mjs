// Several tabs, several accounts, and starting without a network: one browser profile, as people really use it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newPhone } from "./lib/phone.mjs";
import { startServer } from "./lib/server.mjs";
import { screen } from "./lib/screen.mjs";
import { allSent, codeFor, goTo, historyOf, line, noSignal, rowOf, signIn } from "./lib/staff.mjs";
import { until } from "./lib/until.mjs";

const checked = (page, item) => page.locator(`[data-testid=tick-${item}][aria-checked=true]`);

test("two tabs of one device share its database, and survive each other", { timeout: 180_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  const first = phone.page;
  await signIn(server, phone, "ana-ruiz");
  await (await rowOf(first, { words: "Pothole" })).click();
  await first.getByTestId("job").waitFor();
  const job = new URL(first.url()).pathname;
  const second = await phone.context.newPage();
  await phone.open(job, second);
  await second.getByTestId("job").waitFor();
  // So that nothing reaches the other tab by way of the server.
  await phone.offline();

  await t.test("what is done in one shows in the other", async () => {
    await first.getByTestId("tick-cones").click();
    await checked(second, "cones").waitFor();
    await second.getByTestId("note").fill("From the second tab.");
    await second.getByTestId("add-note").click();
    await until("the note", async () => (await historyOf(first)).some((each) => each.includes("From the second tab.")));
  });

  await t.test("when the leading tab closes, the other goes on within a second", async (step) => {
    let closed;
    // The leader goes while the other's question is under way.
    const closing = first.close().then(() => (closed = performance.now()));
    await Promise.all([closing, second.getByTestId("tick-clean").click()]);
    await checked(second, "clean").waitFor();
    const took = performance.now() - closed;
    step.diagnostic(`took over ${took.toFixed(0)} ms after the tab was gone`);
    assert.ok(took < 1_000, `${took.toFixed(0)} ms`);
    await second.getByTestId("tick-level").click();
    await checked(second, "level").waitFor();
  });

  await t.test("nothing is lost or doubled, here or in the city", async () => {
    await second.reload();
    for (const item of ["cones", "clean", "level"]) await checked(second, item).waitFor();
    await phone.online();
    await allSent(second);
    const history = (await historyOf(second)).join("\n");
    for (const words of ["Cones set out", "Hole cleaned and dry", "Compacted, level", "From the second tab."]) {
      assert.equal(history.split(words).length, 2, `once: ${words}\n${history}`);
    }
    assert.deepEqual(phone.troubles, []);
  });
});

test("two accounts work side by side in one profile", { timeout: 180_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "shared");
  const ana = phone.page;
  const ben = await phone.context.newPage();
  await signIn(server, phone, "ana-ruiz", ana);
  await signIn(server, phone, "ben-carter", ben);
  const device = (page) => new URL(page.url()).pathname.split("/")[3];
  const jobs = async (page) => {
    await page.getByTestId("job-row").first().waitFor();
    return page.getByTestId("job-row").evaluateAll((rows) => rows.map((row) => row.getAttribute("href").split("/").at(-1)));
  };
  assert.notEqual(device(ana), device(ben), "each has a database of its own");
  const [hers, his] = [await jobs(ana), await jobs(ben)];
  assert.deepEqual(hers.filter((id) => his.includes(id)), [], "each sees the jobs of one crew");

  await phone.offline();
  for (const [page, expected, crew] of [[ana, hers, "Crew 4"], [ben, his, "Crew 1"]]) {
    await page.reload();
    await noSignal(page);
    assert.deepEqual(await jobs(page), expected, "the same jobs, offline");
    assert.ok(await page.getByText(crew).first().isVisible());
  }
  await phone.open("/app/", ana);
  await until("both accounts", async () => (await ana.getByTestId("account").count()) === 2);
  assert.deepEqual((await ana.getByTestId("account").allTextContents()).map((text) => text.trim().slice(0, 8)), ["Ana Ruiz", "Ben Cart"]);

  // What one does waits for the city under that one's name.
  await (await rowOf(ben, { id: his[0] })).click();
  await ben.getByTestId("note").fill("Behind the gate.");
  await ben.getByTestId("add-note").click();
  await ben.getByTestId("sync-line").filter({ hasText: "1 thing is safe" }).waitFor();
  await ana.getByTestId("account").first().click();
  await ana.getByTestId("sync-line").filter({ hasText: "Nothing waits" }).waitFor();
  await phone.online();
  await allSent(ben);
  assert.deepEqual(phone.troubles, []);
});

test("a phone that the city signed out keeps its work, and a sign-in link leads back to it", { timeout: 180_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  const page = phone.page;
  await signIn(server, phone, "ana-ruiz");
  const today = new URL(page.url()).pathname;
  await (await rowOf(page, { words: "Pothole" })).click();
  await page.getByTestId("job").waitFor();
  await phone.offline();
  await page.getByTestId("note").fill("Written while nobody knew where the phone was.");
  await page.getByTestId("add-note").click();
  await line(page, "1 thing is safe");
  await server.run("revoke", "--person", "ana-ruiz");
  await phone.online();
  await line(page, /signed this phone out/);
  await page.getByTestId("sync-line").click();
  const again = page.getByTestId("sign-in-again");
  await again.waitFor();
  assert.equal(await page.getByTestId("try-now").count(), 0, "trying again is of no use");
  await screen(page, "sync-signed-out");

  const somebodyElse = await codeFor(server, "ben-carter");
  await again.getByTestId("code").fill(somebodyElse);
  await again.getByTestId("sign-in-again-go").click();
  await again.getByText("somebody else").waitFor();

  await phone.open(`/app/sign-in/${await codeFor(server, "ana-ruiz")}`);
  await page.waitForURL((url) => url.pathname === today);
  await allSent(page);
  await phone.open("/app/");
  await until("one account", async () => (await page.getByTestId("account").count()) === 1);
  const requests = await server.run("devices");
  assert.equal(requests.split("\n").filter((each) => each.includes("ana-ruiz") && !each.includes("signed out")).length, 1);
});

test("the app starts offline from the second visit on, with its jobs", { timeout: 120_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  await signIn(server, phone, "ana-ruiz");
  const expected = await phone.page.getByTestId("job-row").count();
  await phone.offline();
  await phone.kill();
  await phone.on();
  await phone.open("/app/");
  await phone.page.getByTestId("account").click();
  await noSignal(phone.page);
  await until("the same jobs", async () => (await phone.page.getByTestId("job-row").count()) === expected);
  await goTo(phone.page, "jobs");
  await phone.page.getByTestId("marker").first().waitFor();
  assert.deepEqual(phone.troubles, []);
});
