// A crew's day without a signal: its groups, the search, the filters, and a list of two thousand jobs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileMany, jobsOn } from "./lib/bench.mjs";
import { newPhone } from "./lib/phone.mjs";
import { screen } from "./lib/screen.mjs";
import { startServer } from "./lib/server.mjs";
import { goTo, noSignal, rowOf, signIn } from "./lib/staff.mjs";
import { story } from "./lib/steps.mjs";
import { until } from "./lib/until.mjs";

const MANY = 2_000;

test("a crew finds its way through a day without a signal", { timeout: 240_000 }, async (t) => {
  const step = story(t);
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  const { page } = phone;
  const rows = page.getByTestId("job-row");
  const titles = () => rows.getByTestId("job-title").allTextContents();
  await signIn(server, phone, "ana-ruiz");
  await rows.first().waitFor();
  await phone.offline();
  await noSignal(page);

  await step("the day is in groups under headings, and says what to bring", async () => {
    const headings = await page.getByTestId("today").getByRole("heading", { level: 2 }).allTextContents();
    assert.match(headings.join("|"), /Now\|Next.*\|Later.*\|Waiting for someone/);
    const bring = page.getByTestId("bring");
    await bring.locator("summary").click();
    await bring.getByText("Vehicles and tools").waitFor();
    assert.match(await bring.innerText(), /for \d+ jobs?/);
    await screen(page, "today-bring");
    await bring.locator("summary").click();
    assert.match(await page.getByTestId("group-large").innerText(), /old/, "how long ago it was reported");
    await screen(page, "today-groups");
  });

  await step("a screen reader is told the place of every row", async () => {
    const list = page.getByTestId("today").getByRole("list").last();
    const places = await list.getByRole("listitem").evaluateAll((items) =>
      items.map((item) => [item.ariaPosInSet, item.ariaSetSize, item.querySelectorAll("a[href]").length]));
    places.forEach(([place, of, links], index) => {
      assert.equal(Number(place), index + 1);
      assert.ok(Number(of) >= places.length);
      assert.equal(links, 1, "a row is one link");
    });
  });

  await step("words find jobs by their type's name, from its first letters on", async () => {
    await page.getByTestId("search").fill("pot");
    await until("only potholes", async () => (await titles()).length > 0 && (await titles()).every((title) => title === "Pothole"));
    const found = Number((await page.getByTestId("found").textContent()).match(/\d+/)[0]);
    assert.equal(await rows.count(), found);
    await screen(page, "today-found");
    await page.getByTestId("search").fill("pot zzz");
    await page.getByText("Nothing found").waitFor();
    await screen(page, "today-nothing-found");
    await page.getByTestId("today").getByRole("button", { name: "Clear the search" }).first().click();
    await page.getByTestId("group-large").waitFor();
    assert.equal(await page.getByTestId("search").inputValue(), "");
  });

  await step("filters narrow the day, stay while a job is looked at, and go at a press", async () => {
    const filter = page.getByTestId("filter");
    assert.equal(await filter.getAttribute("aria-expanded"), "false");
    await filter.click();
    assert.equal(await filter.getAttribute("aria-expanded"), "true");
    await page.getByTestId("kind-pothole").click();
    await until("only potholes", async () => (await titles()).length > 0 && (await titles()).every((title) => title === "Pothole"));
    await page.getByTestId("part-waiting").click();
    await page.getByTestId("part-later").click();
    await screen(page, "today-filters");
    await page.getByTestId("show").click();
    assert.equal(await filter.getAttribute("aria-expanded"), "false");
    await until("only what is later", async () => (await page.getByTestId("group-next").count()) === 0);
    const hrefs = () => rows.evaluateAll((all) => all.map((row) => row.getAttribute("href")));
    const before = await hrefs();
    await rows.first().click();
    await page.getByTestId("job").waitFor();
    await page.goBack();
    await until("the same rows", async () => JSON.stringify(await hrefs()) === JSON.stringify(before));
    assert.match(await filter.getAttribute("aria-label"), /3 set/);
    await page.getByTestId("clear").click();
    await page.getByTestId("group-large").waitFor();
    assert.equal(await filter.getAttribute("aria-label"), "Filters");
  });

  await step("the whole of it goes by keyboard", async () => {
    await page.getByTestId("search").focus();
    await page.keyboard.type("pothole");
    await until("found", async () => /found/.test(await page.getByTestId("found").textContent()));
    await until("only potholes", async () => (await titles()).every((title) => title === "Pothole"));
    const focused = () => page.evaluate(() => document.activeElement.dataset.testid);
    for (let presses = 0; (await focused()) !== "job-row"; presses++) {
      assert.ok(presses < 8, `a row comes soon after the field, not ${await focused()}`);
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.getByTestId("job").waitFor();
    await page.goBack();
    await page.getByTestId("clear-words").click();
    await page.getByTestId("group-large").waitFor();
  });

  await step("what is begun is now, and what cannot be done waits for somebody, with the reason", async () => {
    await (await rowOf(page, { words: "Pothole" })).click();
    await page.getByTestId("start").click();
    await page.getByTestId("status").filter({ hasText: "Working" }).waitFor();
    const id = new URL(page.url()).pathname.split("/").at(-1);
    await page.goBack();
    const now = page.getByTestId("group-large");
    await now.filter({ hasText: "Now" }).locator(`a[href$="${id}"]`).waitFor();
    assert.match(await now.innerText(), /Patch truck/, "what this job needs");
    await screen(page, "today-now");
    await now.locator(`a[href$="${id}"]`).click();
    await page.getByTestId("cannot-complete").click();
    await page.getByTestId("cannot-dialog").getByText("A parked car is in the way").click();
    await page.getByTestId("send-reason").click();
    await page.getByTestId("status").filter({ hasText: "Blocked" }).waitFor();
    await goTo(page, "today");
    const waiting = page.getByTestId("group-waiting");
    await waiting.locator(`a[href$="${id}"]`).filter({ hasText: "A parked car is in the way" }).waitFor();
    await waiting.scrollIntoViewIfNeeded();
    await screen(page, "today-waiting");
  });
  assert.deepEqual(phone.troubles, []);
});

test("two thousand jobs are a list like any other", { timeout: 480_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  const { page } = phone;
  await fileMany(server, MANY);
  await signIn(server, phone, "ana-ruiz");
  await jobsOn(page, MANY);
  await goTo(page, "today");
  const rows = page.getByTestId("job-row");
  await rows.first().waitFor();
  await phone.offline();
  await noSignal(page);

  // From the first to the last by whole screens: wherever somebody stops, there are rows, and never many.
  const last = page.locator('[data-testid=group-later] [role=listitem]');
  const inSight = () => rows.evaluateAll((all) => all.filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return bottom > 200 && top < innerHeight - 200;
  }).length);
  const size = Number(await last.first().getAttribute("aria-setsize"));
  assert.ok(size > MANY * 0.9, `nearly all are later: ${size}`);
  for (let part = 0; part <= 10; part++) {
    await page.evaluate((part) => scrollTo(0, (document.documentElement.scrollHeight * part) / 10), part);
    await until(`rows at ${part} of 10`, inSight);
    const drawn = await rows.count();
    assert.ok(drawn < 150, `${drawn} rows are drawn`);
  }
  await until("the last one is drawn", async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    return Number(await last.last().getAttribute("aria-posinset")) === size;
  });

  // Back from a job in the middle of it leads to that row.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
  await until("rows in the middle", inSight);
  const href = await until("a row in the middle of the screen", () => page.evaluate(() => {
    const row = document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest("[data-testid=job-row]");
    return row?.getAttribute("href");
  }));
  const down = await page.evaluate(() => scrollY);
  await page.locator(`a[href="${href}"]`).click();
  await page.getByTestId("job").waitFor();
  await page.getByTestId("back").click();
  await until("the list is where it was", () => page.evaluate((down) => Math.abs(scrollY - down) < 3, down));
  const box = await page.locator(`a[href="${href}"]`).boundingBox();
  assert.ok(box.y > 0 && box.y < 844, `the row that was tapped is in sight: ${box.y}`);

  // One of two thousand, by its words.
  await page.evaluate(() => scrollTo(0, 0));
  await page.getByTestId("search").fill("number 1234");
  await until("one", async () => (await page.getByTestId("found").textContent()) === "1 job found");
  assert.equal(await rows.count(), 1);
  assert.deepEqual(phone.troubles, []);
});
