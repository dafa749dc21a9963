// The line protocol between the harness and a peer: one JSON command a line on stdin, one JSON answer a line on stdout.
// `xtask/bench/src/contender.rs` says what the commands mean.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Answers commands with the functions of `side` until `quit` or the end of stdin. */
export async function obey(side) {
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    if (command.do === "quit") break;
    let answer;
    try {
      answer = await side[command.do](command);
    } catch (error) {
      answer = { error: String(error?.stack ?? error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  await side.quit?.();
  process.exit(0);
}

/** The role and the storage folder from the command line. */
export function role() {
  const [, , name, folder] = process.argv;
  if (!["server", "phone"].includes(name) || !folder) throw new Error("usage: server|phone <storage folder>");
  mkdirSync(folder, { recursive: true });
  return { isServer: name === "server", folder };
}

/** The lines of a file that the harness wrote. */
export function read(file) {
  return readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

export function digest(lines) {
  const hash = createHash("sha256");
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest("hex");
}
