// A Worker of the engine's Worker, in which photos are made: it runs the same wasm (src/web/maker.rs), and has the
// browser's own decoder, which is quicker than wasm and knows formats that wasm does not.
import init from "./coldpatch.js";

const waiting = [];

self.onmessage = ({ data }) => {
  if (data?.start && !self.coldpatch) {
    self.coldpatch = { maker: true, waiting, draw };
    init({ module_or_path: data.start.module }).catch(reportError);
  } else {
    waiting.push(data);
  }
};

// The picture upright, in sRGB, its longest side at most `side`, as a JPEG, which is still a promise: the browser encodes it
// aside; and as pixels (RGBA), half of it where it is larger than `half`: browsers halve well, and scale to anything less softly.
async function draw(file, side, quality, half) {
  if (!faithful()) throw new Error("this browser changes what is drawn");
  // Turned as EXIF says and in the canvas' colors, which is what browsers do when nothing else is said.
  const picture = await createImageBitmap(file);
  const [across, down] = [picture.width, picture.height];
  const large = drawn(picture, across, down, side);
  picture.close();
  const jpeg = large.canvas.convertToBlob({ type: "image/jpeg", quality }).then((blob) => blob.arrayBuffer());
  const { width, height } = large.canvas;
  const longest = Math.max(width, height);
  const small = drawn(large.canvas, width, height, longest > half ? Math.ceil(longest / 2) : longest);
  const { data } = small.getImageData(0, 0, small.canvas.width, small.canvas.height);
  const [smallWidth, smallHeight] = [small.canvas.width, small.canvas.height];
  return { across, down, width, height, jpeg, smallWidth, smallHeight, pixels: data.buffer };
}

// Scaled down so that no side is longer than `side`, on white.
function drawn(picture, across, down, side) {
  const scale = Math.min(1, side / Math.max(across, down));
  const [width, height] = [across, down].map((length) => Math.max(1, Math.round(length * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d", { alpha: false, willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  return context;
}

// Some browsers put noise into what is read from a canvas, so that pages cannot tell people apart by it. A photo must not
// have it.
let tried;
function faithful() {
  if (tried === undefined) {
    const context = new OffscreenCanvas(16, 16).getContext("2d", { alpha: false, willReadFrequently: true });
    const colors = Array.from({ length: 256 }, (_, at) => [at, (at * 7) & 255, (at * 31) & 255]);
    colors.forEach((color, at) => {
      context.fillStyle = `rgb(${color})`;
      context.fillRect(at & 15, at >> 4, 1, 1);
    });
    const { data } = context.getImageData(0, 0, 16, 16);
    tried = colors.every((color, at) => color.every((value, part) => data[4 * at + part] === value));
  }
  return tried;
}
