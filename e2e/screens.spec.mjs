// Every screen that the other journeys do not stop at: each opens, fits a phone, and reports no trouble.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newPhone } from "./lib/phone.mjs";
import { screen } from "./lib/screen.mjs";
import { startServer } from "./lib/server.mjs";
import { goTo, rowOf, signIn } from "./lib/staff.mjs";
import { until } from "./lib/until.mjs";

test("every screen opens and fits", { timeout: 240_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  const { page } = phone;
  const desk = await newPhone(t, server, "supervisor", { desk: true });

  await t.test("before anybody has signed in", async () => {
    await phone.open("/app/");
    await page.getByTestId("sign-in-with-code").waitFor();
    await screen(page, "accounts-none");
    await page.getByTestId("sign-in-with-code").click();
    await page.getByTestId("code").waitFor();
    await screen(page, "sign-in");
    await phone.open("/app/no/such/screen");
    await page.getByText("no such", { exact: false }).or(page.getByRole("link")).first().waitFor();
    await screen(page, "not-found");
  });

  await t.test("a crew's", async () => {
    await signIn(server, phone, "ana-ruiz");
    await page.getByTestId("job-row").first().waitFor();
    await screen(page, "crew-today-online");
    await page.getByTestId("segment-1").click();
    await page.getByTestId("marker").first().waitFor();
    await screen(page, "crew-tour");
    await goTo(page, "jobs");
    await page.getByTestId("marker").first().waitFor();
    await screen(page, "crew-map");
    await goTo(page, "new");
    await page.getByTestId("add-photos").waitFor({ state: "attached" });
    await screen(page, "crew-new");
    await goTo(page, "sync");
    await page.getByTestId("city-has").waitFor();
    await screen(page, "sync-all-sent");
    await goTo(page, "today");
    await (await rowOf(page, { words: "Pothole" })).click();
    for (const [button, dialog, name] of [
      ["cannot-complete", "cannot-dialog", "crew-cannot"],
      ["not-ours", "not-ours-dialog", "crew-not-ours"],
    ]) {
      await page.getByTestId(button).click();
      await page.getByTestId(dialog).waitFor();
      await screen(page, name);
      await page.getByTestId("dialog-close").click();
    }
    await page.getByTestId("history").scrollIntoViewIfNeeded();
    await screen(page, "crew-job-history");
    await phone.open("/app/");
    await page.getByTestId("account").waitFor();
    await screen(page, "accounts");
  });

  await t.test("a look that was chosen is there before the app is, and stays until another is", async () => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme ?? "");
    await page.getByTestId("look-sun").click();
    await until("the sun look", async () => (await theme()) === "sun");
    await phone.context.addInitScript(() => {
      new MutationObserver(() => {
        globalThis.worn ??= document.documentElement.dataset.theme && !document.querySelector(".app");
      }).observe(document, { attributes: true, subtree: true });
    });
    await page.reload();
    await page.getByTestId("account").waitFor();
    assert.equal(await theme(), "sun");
    assert.ok(await page.evaluate(() => globalThis.worn), "before the first paint of the app");
    await page.getByTestId("account").click();
    await page.getByTestId("job-row").first().waitFor();
    await screen(page, "crew-today-sun");
    await phone.open("/app/");
    await page.getByTestId("look-").click();
    await until("the device's own", async () => (await theme()) === "");
  });

  await t.test("what is chosen is seen where the device brings its own colors", async () => {
    await page.emulateMedia({ forcedColors: "active" });
    const looks = await page.locator("[data-testid^=look-]").evaluateAll((all) =>
      all.map((each) => `${each.getAttribute("aria-pressed")} ${getComputedStyle(each).backgroundColor}`),
    );
    assert.equal(new Set(looks).size, 2, looks.join(", "));
    await page.emulateMedia({ forcedColors: null });
  });

  await t.test("a supervisor's", async () => {
    await signIn(server, desk, "sam-lindqvist");
    await desk.page.getByTestId("job-row").first().click();
    await desk.page.getByTestId("panel").getByTestId("history").waitFor();
    await screen(desk.page, "desk-job");
    await desk.page.getByTestId("queue-overdue").click();
    await screen(desk.page, "desk-overdue");
  });

  for (const each of [phone, desk]) assert.deepEqual(each.troubles, [], each.name);
});
