// Starts the page's half of the app. Compiles the wasm once, while it downloads, and keeps the module for the Worker
// (src/web/page.rs hands it over). Both halves are thus always of one version.
import init from "./coldpatch.js";

const module = await WebAssembly.compileStreaming(fetch(new URL("./coldpatch_bg.wasm", import.meta.url)));
globalThis.coldpatch = { module, workerUrl: new URL("./worker.js", import.meta.url).href };
await init({ module_or_path: module });

// A file that is dropped beside where files are taken would replace the app by a picture.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());

// After the app is up: the first visit should not wait for a second download. A browser without service workers, or
// one that forbids them, runs the app all the same, only not offline.
navigator.serviceWorker
  ?.register(new URL("../../sw.js", import.meta.url))
  .catch((error) => console.warn("no offline start:", error));
