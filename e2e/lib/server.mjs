// The real server as a child process: its own data folder, a free port, and it can be killed without warning.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.mjs";

const program = process.env.COLDPATCH_SERVER ?? here("../../target/debug/coldpatch-server");
const pwa = process.env.COLDPATCH_PWA ?? here("../../target/pwa");
const city = process.env.COLDPATCH_CITY ?? here("../../assets/city");

/** A new demo city and a server over it, both gone when the test `t` ends. */
export async function startServer(t) {
  const data = await mkdtemp(join(tmpdir(), "coldpatch e2e "));
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  let child;
  let said = "";

  const server = {
    origin,
    port,
    data,
    /** Runs another command of the program on the same data; resolves to what it printed. */
    run: (...words) => run([...words, "--data", data, "--city", city]),
    async start() {
      child = spawn(program, ["serve", "--data", data, "--city", city, "--port", `${port}`, "--pwa", pwa], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, NO_COLOR: "1" },
      });
      const gone = once(child, "exit");
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
      await Promise.race([
        until("the server is healthy", async () => (await fetch(`${origin}/healthz`)).ok, { timeout: 20_000 }),
        gone.then(([code]) => Promise.reject(new Error(`the server ended with ${code}:\n${said}`))),
      ]);
    },
    /** No warning, no last words. */
    async kill() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    /** Everything that it has logged. */
    log: () => said,
  };

  t.after(async () => {
    if (child && child.exitCode === null && child.signalCode === null) await server.kill();
    if (process.env.COLDPATCH_E2E_LOG) console.log(said);
    await rm(data, { recursive: true, force: true });
  });
  server.seeded = JSON.parse(await server.run("seed-demo", "--url", origin));
  await server.start();
  return server;
}

async function run(words) {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1" } });
  let out = "";
  let errors = "";
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (errors += text));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`coldpatch-server ${words.join(" ")} ended with ${code}:\n${out}${errors}`);
  return out;
}

/** A port that nobody listened at just now. */
export async function freePort() {
  const probe = createServer().listen(0, "localhost");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

function here(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}
