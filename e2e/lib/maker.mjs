// The Worker in which photos are made, without the app around it: the same file, the same wasm.

/** In a page of the app: `globalThis.make(bytes as base64, way)` makes a photo; `{ done, display, thumbnail }`. */
export async function offerMaker(page) {
  await page.waitForFunction(() => globalThis.coldpatch?.module);
  await page.evaluate(() => {
    const { module, workerUrl } = globalThis.coldpatch;
    const worker = new Worker(new URL("./maker.js", workerUrl), { type: "module" });
    worker.postMessage({ start: { module } });
    const waiting = new Map();
    let last = 0;
    worker.onmessage = ({ data }) => {
      if (!("done" in data || "problem" in data)) return;
      const { done, problem, ...files } = data;
      waiting.get(data.id)({ ...files, done: done && JSON.parse(done), problem: problem && JSON.parse(problem) });
    };
    worker.onerror = (event) => waiting.forEach((tell) => tell({ problem: { message: event.message } }));
    globalThis.make = (file, way) =>
      new Promise((resolve) => {
        waiting.set(++last, resolve);
        worker.postMessage({ id: last, file, way });
      });
    globalThis.blobOf = async (base64, type = "image/jpeg") =>
      new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type });
    /** A JPEG of that many pixels, full of a picture, that is to be turned as EXIF's `orientation` says. */
    globalThis.tiled = async (blob, width, height, orientation) => {
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context.fillStyle = context.createPattern(await createImageBitmap(blob), "repeat");
      context.fillRect(0, 0, width, height);
      const drawn = await context.canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
      const exif = [0xff, 0xe1, 0, 34, ...new TextEncoder().encode("Exif\0\0II*\0"), 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0];
      return new Blob([drawn.slice(0, 2), Uint8Array.from(exif), drawn.slice(2)], { type: "image/jpeg" });
    };
    /** How far two JPEGs are apart, of 255: on average, and what only one value in a hundred exceeds. */
    globalThis.apart = async (one, other) => {
      const pixels = async (file) => {
        const picture = await createImageBitmap(new Blob([file]));
        const canvas = new OffscreenCanvas(picture.width, picture.height);
        const context = canvas.getContext("2d");
        context.drawImage(picture, 0, 0);
        return { size: `${picture.width}x${picture.height}`, data: context.getImageData(0, 0, picture.width, picture.height).data };
      };
      const [a, b] = [await pixels(one), await pixels(other)];
      if (a.size !== b.size) return { size: `${a.size} and ${b.size}`, mean: 255, most: 255 };
      const counts = new Array(256).fill(0);
      for (let at = 0; at < a.data.length; at++) if (at % 4 !== 3) counts[Math.abs(a.data[at] - b.data[at])]++;
      const all = (a.data.length / 4) * 3;
      const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / all;
      let [most, seen] = [0, 0];
      while ((seen += counts[most]) < 0.99 * all) most++;
      return { size: a.size, mean, most };
    };
  });
}
