// Waiting for a condition, for what no browser can tell: files, child processes, what the server says to others.

/** Resolves to the first truthy thing that `look` returns; its errors count as "not yet". */
export async function until(what, look, { timeout = 15_000 } = {}) {
  const end = performance.now() + timeout;
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
      last = `last seen: ${JSON.stringify(found)}`;
    } catch (error) {
      last = `last error: ${error.message}`;
    }
    if (performance.now() > end) throw new Error(`not within ${timeout} ms: ${what}; ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
