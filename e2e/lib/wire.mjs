// A phone's way to the server, which can really be cut. The browser's own offline emulation does not reach Workers and
// service workers; here nothing listens any more, open connections die, and every part of the phone sees it.
//
// Each phone has its own wire, hence its own port and origin: phones share nothing.
import { createServer, request as ask } from "node:http";

/** Opens a wire to `port` on this machine; it works until it is cut. */
export async function openWire(port) {
  const upstream = new Set();
  const traps = new Set();
  const served = [];
  let own = 0;

  const proxy = createServer((incoming, outgoing) => {
    const trap = [...traps].find((each) => each.matches(incoming));
    traps.delete(trap);
    const passed = ask({
      host: "localhost",
      port,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
    });
    upstream.add(passed);
    const lose = () => {
      upstream.delete(passed);
      passed.destroy();
      outgoing.destroy();
    };
    passed.on("response", (answer) => {
      served.push({ method: incoming.method, path: incoming.url, status: answer.statusCode });
      answer.on("error", lose);
      answer.on("close", () => upstream.delete(passed));
      if (trap) {
        // Held back, not torn at once: on a torn connection a browser may ask again by itself.
        if (trap.until === "answered") trap.sprung(lose);
        return;
      }
      outgoing.writeHead(answer.statusCode, answer.headers);
      // Before the first event of a stream there is no body, but the browser wants to know that it is open.
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    passed.on("error", lose);
    outgoing.on("close", lose);
    incoming.on("error", lose);
    incoming.pipe(passed);
    if (trap?.until === "sent") incoming.on("end", () => passed.once("finish", () => trap.sprung(lose)));
  });
  proxy.keepAliveTimeout = 0;

  const wire = {
    get origin() {
      return `http://localhost:${own}`;
    },
    /** What went through, oldest first: `{ method, path, status }`. */
    served,
    /** From now on nothing gets through, in either direction. */
    async cut() {
      for (const each of upstream) each.destroy();
      upstream.clear();
      if (!proxy.listening) return;
      const closed = new Promise((resolve) => proxy.close(resolve));
      proxy.closeAllConnections();
      await closed;
    },
    /** Works again, on the same port. */
    async mend() {
      if (!proxy.listening) await listen(own);
    },
    /**
     * Waits for the next request that fits, lets it reach the server whole, and resolves: with `until: "sent"` as soon
     * as the server has all of it, with `until: "answered"` once the server has answered. The answer never arrives,
     * not even where the server was quicker than what the journey does next.
     * Resolves to a function that tears the connection, as it is torn when the server dies.
     */
    trap(method, path, until) {
      return new Promise((sprung) => {
        traps.add({ until, sprung, matches: (each) => each.method === method && each.url.startsWith(path) });
      });
    },
  };

  async function listen(at) {
    await new Promise((resolve, reject) => {
      proxy.once("error", reject);
      proxy.listen(at, "localhost", resolve);
    });
    own = proxy.address().port;
  }

  await listen(0);
  return wire;
}
