// The Worker's first lines. The handler is set before anything is awaited: a message that meets no handler is lost
// without a trace. What comes before the wasm runs waits in order; then src/web/worker.rs takes over.
import init from "./coldpatch.js";

const waiting = [];

self.onmessage = ({ data }) => {
  if (data?.start && !self.coldpatch) {
    const { device, module } = data.start;
    // What src/web/darkroom.rs starts Workers with, in which photos are made.
    self.coldpatch = { device, module, makerUrl: new URL("./maker.js", import.meta.url).href, waiting };
    // reportError makes it the Worker's `error` event, which is all that the page can see.
    init({ module_or_path: module }).catch(reportError);
  } else {
    waiting.push(data);
  }
};
