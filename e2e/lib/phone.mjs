// A phone: a browser with its own profile, its own screen and its own wire to the server. The network can be cut, the
// browser can be killed, and what was on the phone is there when it is opened again.
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { launchOptions } from "./browser.mjs";
import { until } from "./until.mjs";
import { openWire } from "./wire.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const DESK = { viewport: { width: 1280, height: 800 } };

/** A new phone (or, with `desk`, a new computer) at `server`; gone when the test `t` ends. */
export async function newPhone(t, server, name, { desk = false, ...more } = {}) {
  const profile = await mkdtemp(join(tmpdir(), "coldpatch-phone-"));
  const wire = await openWire(server.port);
  const phone = {
    name,
    wire,
    /** Trouble that the page reported: uncaught errors and console errors that are not about the network. */
    troubles: [],
    /** Turns it on: starts the browser. */
    async on() {
      phone.context = await chromium.launchPersistentContext(profile, {
        ...launchOptions(),
        ...(desk ? DESK : PHONE),
        locale: "en-US",
        timezoneId: "America/Los_Angeles",
        deviceScaleFactor: 1,
        // Emulated, so that `online` and `offline` events fire; what really cuts is the wire.
        offline: !phone.connected,
        ...more,
      });
      phone.context.setDefaultTimeout(15_000);
      phone.page = phone.context.pages()[0] ?? (await phone.context.newPage());
      watch(phone.page);
      phone.context.on("page", watch);
    },
    connected: true,
    /** Opens a path of the server through this phone's wire. */
    async open(path, page = phone.page) {
      await page.goto(new URL(path, wire.origin).href);
    },
    async offline() {
      phone.connected = false;
      await wire.cut();
      await phone.context.setOffline(true);
    },
    async online() {
      phone.connected = true;
      await wire.mend();
      await phone.context.setOffline(false);
    },
    /** No warning: all processes of the browser die at once. */
    async kill() {
      const pid = await browserOf(profile);
      const closed = phone.context.waitForEvent("close");
      process.kill(-pid, "SIGKILL");
      await closed;
      await until("the browser is dead", async () => !(await browserOf(profile).catch(() => null)));
    },
  };

  function watch(page) {
    page.on("pageerror", (error) => phone.troubles.push(error.message));
    page.on("console", (message) => {
      if (process.env.COLDPATCH_E2E_LOG) console.log(`${name}: ${message.text()}`);
      if (message.type() === "error" && !/ERR_|Failed to load resource|net::/.test(message.text())) {
        phone.troubles.push(message.text());
      }
    });
  }

  t.after(async () => {
    await lookBack(phone).catch((error) => console.log(`${name}: ${error.message}`));
    await phone.context?.close().catch(() => {});
    await wire.cut();
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  await phone.on();
  return phone;
}

/** With `COLDPATCH_LAST` set to a folder: what each page showed last, and its troubles, for finding out what went wrong. */
async function lookBack({ name, context, troubles }) {
  const folder = process.env.COLDPATCH_LAST;
  if (!folder) return;
  if (troubles.length) console.log(`${name}: ${troubles.join("\n")}`);
  for (const [index, page] of context.pages().entries()) {
    await page.screenshot({ path: join(folder, `${name}-${index}.png`), fullPage: true });
  }
}

/** The process id of the browser that holds this profile: it is the only one that we may kill. */
async function browserOf(profile) {
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (words.includes(`--user-data-dir=${profile}`) && !words.some((word) => word.startsWith("--type="))) {
      return Number(pid);
    }
  }
  throw new Error(`no browser runs with the profile ${profile}`);
}
