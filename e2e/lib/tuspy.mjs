// Python's tus client, in an environment of its own that is made once.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const environment = fileURLToPath(new URL("../../target/tuspy", import.meta.url));
const script = fileURLToPath(new URL("../tools/tus_upload.py", import.meta.url));

/** Runs `tools/tus_upload.py` with these arguments; resolves to what it printed. */
export async function tuspy(...words) {
  const python = `${environment}/bin/python`;
  if (!existsSync(`${environment}/made`)) {
    await run("python3", ["-m", "venv", "--clear", environment]);
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "tuspy==1.1.0"]);
    await run("touch", [`${environment}/made`]);
  }
  const { stdout } = await run(python, [script, ...words]);
  return stdout.trim();
}
