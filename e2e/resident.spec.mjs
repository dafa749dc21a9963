// A resident with a phone and no account: reports without a signal, and follows the report to its end.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { newPhone } from "./lib/phone.mjs";
import { noPhotos, photo } from "./lib/photos.mjs";
import { screen } from "./lib/screen.mjs";
import { startServer } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { until } from "./lib/until.mjs";

const CENTER = { latitude: 47.627167, longitude: -122.337333, accuracy: 9 };

/** Opens the front page and waits until its pages can be opened without a network. */
async function firstVisit(phone) {
  await phone.open("/");
  await phone.page.evaluate(() => navigator.serviceWorker.ready);
}

/** Fills in what a pothole needs. */
async function describe(page) {
  await page.getByLabel("Like a car tire").check();
  await page.getByRole("group", { name: /sewer grate/ }).getByLabel("No", { exact: true }).check();
  await page.getByTestId("description").fill("Deep. Right where the bikes go.");
}

test("a report made without a signal survives and goes out by itself", { skip: noPhotos }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "resident", { geolocation: CENTER, permissions: ["geolocation"] });
  const { page } = phone;
  const step = story(t);
  let tracking;

  await step("the form opens without a network from the second visit on", async () => {
    await firstVisit(phone);
    await screen(page, "resident-front");
    await phone.offline();
    await phone.open("/");
    await page.getByTestId("report-type-pothole").click();
    await page.getByRole("heading", { name: "Pothole" }).waitFor();
  });

  await step("a reload keeps the photo, the place and every letter", async () => {
    await page.getByTestId("photo").setInputFiles(photo("landscape_3.jpg"));
    await page.getByTestId("use-my-place").click();
    await page.getByText("Your place, give or take 9 m.").waitFor();
    await describe(page);
    await page.locator("#photo-preview img").waitFor();
    await page.reload();
    await page.locator("#photo-preview img").waitFor();
    assert.equal(await page.getByTestId("description").inputValue(), "Deep. Right where the bikes go.");
    assert.ok(await page.getByLabel("Like a car tire").isChecked());
    assert.equal(await page.locator("#lat").inputValue(), "47.627167");
    await screen(page, "resident-form");
  });

  await step("it is kept on the phone, which says so, and again after the browser is killed", async () => {
    await page.getByTestId("send").click();
    await page.getByText("Kept on this phone. It goes out by itself when there is a signal.").waitFor();
    assert.equal(await page.getByTestId("outbox-item").count(), 1);
    await screen(page, "resident-waiting");
    await phone.kill();
    await phone.on();
    await phone.open("/");
    await phone.page.getByTestId("outbox-item").filter({ hasText: "Pothole" }).waitFor();
  });

  await step("with a signal it goes out by itself, once", async () => {
    await phone.online();
    const link = phone.page.getByTestId("tracking-link");
    await link.waitFor();
    tracking = await link.getAttribute("href");
    const posts = phone.wire.served.filter(({ method, path }) => method === "POST" && path === "/report");
    assert.deepEqual(posts.map(({ status }) => status), [201]);
    await link.click();
    await phone.page.getByTestId("tracking-number").waitFor();
    await phone.page.getByText("We have your report").waitFor();
    await until("the photo is drawn", () =>
      phone.page.locator(".picture img").evaluate((image) => image.complete && image.naturalWidth > 0));
    await screen(phone.page, "resident-tracking");
  });

  await step("the front page knows it as one of this phone's", async () => {
    await phone.open("/");
    const mine = phone.page.locator("#mine a");
    await mine.waitFor();
    assert.equal(await mine.getAttribute("href"), tracking);
    assert.equal(await phone.page.getByTestId("outbox-item").count(), 0);
    assert.deepEqual(phone.troubles, []);
  });
});

test("an answer that is lost does not make a second report", async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "resident");
  const { page } = phone;
  await firstVisit(phone);
  await page.getByTestId("report-type-pothole").click();
  await describe(page);
  await page.getByTestId("address").fill("200 Ropewalk St");
  const answered = phone.wire.trap("POST", "/report", "answered");
  await page.getByTestId("send").click();
  const tear = await answered;
  await phone.offline();
  tear();
  await page.getByTestId("outbox-item").waitFor();
  await phone.online();
  await page.getByTestId("tracking-link").or(page.getByTestId("tracking-number")).first().waitFor();
  const posts = phone.wire.served.filter(({ method, path }) => method === "POST" && path === "/report");
  assert.deepEqual(posts.map(({ status }) => status), [201, 200]);
});

test("what the city cannot take comes back into the form with the reason, and nothing is lost", async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "resident");
  const { page } = phone;
  await firstVisit(phone);
  await page.getByTestId("report-type-pothole").click();
  await describe(page);
  await page.getByTestId("address").fill("99999 Ropewalk St");
  await page.getByTestId("send").click();
  const error = page.locator("#address-error");
  await error.waitFor();
  assert.match(await error.textContent(), /Ropewalk St has no number 99999/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "address");
  assert.match(await page.getByTestId("address").getAttribute("aria-describedby"), /address-error/);
  assert.equal(await page.getByTestId("description").inputValue(), "Deep. Right where the bikes go.");
  await page.getByTestId("address").fill("200 Ropewalk St");
  await page.getByTestId("send").click();
  await page.getByTestId("tracking-number").waitFor();
});

test("without script the same page files the same report, photo included", { skip: noPhotos }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "resident", { javaScriptEnabled: false });
  const { page } = phone;
  await phone.open("/");
  await page.getByTestId("report-type-pothole").click();
  await describe(page);
  await page.getByTestId("photo").setInputFiles({
    name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: await readFile(photo("portrait_6.jpg")),
  });
  await page.getByTestId("address").fill("nowhere lane");
  await page.getByTestId("send").click();
  await page.getByText("We do not know that street.").first().waitFor();
  assert.equal(await page.getByTestId("description").inputValue(), "Deep. Right where the bikes go.");
  await page.getByTestId("address").fill("200 Ropewalk St");
  await page.getByTestId("send").click();
  await page.getByTestId("tracking-number").waitFor();
  assert.equal(await page.locator(".picture img").count(), 1, "the photo of the first try");
});
