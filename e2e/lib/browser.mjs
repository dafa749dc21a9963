// How the journeys start a browser: the system's Chromium, without what needs a desktop, a GPU or Google's servers.

/** Options for Playwright's `chromium.launch` and `launchPersistentContext`. */
export function launchOptions(more = {}) {
  return {
    executablePath: process.env.COLDPATCH_BROWSER ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    ...more,
  };
}
