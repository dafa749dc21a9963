// A crew's job from the list to its end without a pointer, and what somebody hears who does not see it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivedAt, assertDownward, listen, tabTo } from "./lib/keys.mjs";
import { focusIn, nothingInert } from "./lib/modal.mjs";
import { newPhone } from "./lib/phone.mjs";
import { startServer } from "./lib/server.mjs";
import { line, noSignal, signIn } from "./lib/staff.mjs";
import { story } from "./lib/steps.mjs";

test("a job by keyboard", { timeout: 180_000 }, async (t) => {
  const step = story(t);
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  const { page } = phone;
  const press = (key) => page.keyboard.press(key);
  await signIn(server, phone, "ana-ruiz");
  await phone.open("/app/");
  await page.getByTestId("account").waitFor();
  let said;

  await step("the first screen leads to the day, and the day to a job; each says where one is", async () => {
    await tabTo(page, "account");
    await press("Enter");
    await arrivedAt(page, /job/);
    await phone.offline();
    await noSignal(page);
    assertDownward(await tabTo(page, "job-row", { words: "Pothole" }));
    await press("Enter");
    await arrivedAt(page, /Pothole/);
    said = await listen(page);
  });

  await step("started: the focus stays where the button was, and what is said is that it is safe", async () => {
    await tabTo(page, "start");
    await press("Enter");
    await page.getByTestId("status").filter({ hasText: "Working" }).waitFor();
    await line(page, "1 thing is safe");
    await focusIn(page, "job");
    const [next] = await tabTo(page, "pause", { most: 2 });
    assert.ok(next);
    assert.match((await said()).join("\n"), /1 thing is safe on this phone/);
  });

  await step("recorded: ticks, material and a note, from top to bottom", async () => {
    const stops = [];
    for (const item of ["cones", "clean", "level"]) {
      stops.push(...(await tabTo(page, `tick-${item}`)));
      await press("Space");
      await page.locator(`[data-testid=tick-${item}][aria-checked=true]`).waitFor();
    }
    stops.push(...(await tabTo(page, "material-cold-patch-more")));
    await press("Enter");
    await press("Enter");
    stops.push(...(await tabTo(page, "note")));
    await page.keyboard.type("Done without a mouse.");
    stops.push(...(await tabTo(page, "add-note")));
    await press("Enter");
    assertDownward(stops);
    assert.equal(await page.getByTestId("material-cold-patch").inputValue(), "2");
    await page.getByTestId("history").filter({ hasText: "Done without a mouse." }).waitFor();
  });

  await step("closed: the question has the focus, answering it ends the job, and that is heard", async () => {
    await tabTo(page, "finish");
    await press("Enter");
    await focusIn(page, "finish-dialog");
    await press("Escape");
    await nothingInert(page);
    await focusIn(page, "finish");
    await press("Enter");
    await focusIn(page, "finish-dialog");
    await tabTo(page, "finish-anyway");
    await press("Enter");
    await page.getByTestId("status").filter({ hasText: "Done" }).first().waitFor();
    await focusIn(page, "job");
    assert.match((await said()).join("\n"), /\d things are safe on this phone/);
  });

  await step("and back to the day", async () => {
    await tabTo(page, "back", { back: true });
    await press("Enter");
    await arrivedAt(page, /job/);
  });

  assert.deepEqual(phone.troubles, []);
});

test("what a screen reader is told of a job", { timeout: 120_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "crew");
  const { page } = phone;
  await signIn(server, phone, "ana-ruiz");
  await page.getByTestId("job-row").filter({ hasText: "Pothole" }).first().click();
  await page.getByTestId("history").waitFor();
  const nodes = await tree(page);
  const named = (role) => nodes.filter((node) => node.role === role).map((node) => node.name);

  assert.equal(named("main").length, 1);
  assert.deepEqual(nodes.filter((node) => node.role === "heading" && node.level === 1).map((node) => node.name), ["Pothole"]);
  // Whatever can be pressed or filled in says what it is.
  for (const node of nodes) {
    if (/^(button|link|textbox|spinbutton|checkbox|radio|switch|combobox|image|dialog|slider)$/.test(node.role)) {
      assert.ok(node.name, `a ${node.role} has no name: ${JSON.stringify(node)}`);
    }
  }
  // No two of these do the same, so no two are called the same.
  for (const role of ["button", "textbox", "checkbox"]) {
    const names = named(role);
    assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), [], `each ${role} has a name of its own`);
  }
  assert.ok(named("checkbox").includes("Cones set out"), named("checkbox").join(", "));
  assert.ok(nodes.some((node) => node.role === "status"), "something is said when it changes");
});

/** The accessibility tree, flat: role, name and level of everything that is in it. */
async function tree(page) {
  const cdp = await page.context().newCDPSession(page);
  const { nodes } = await cdp.send("Accessibility.getFullAXTree");
  await cdp.detach();
  return nodes
    .filter((node) => !node.ignored)
    .map(({ role, name, properties = [] }) => ({
      role: role?.value, name: name?.value?.trim() ?? "", level: properties.find((each) => each.name === "level")?.value.value,
    }));
}
