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
// `plain` is `{ jpeg, across, down, orientation }` where the file is a JPEG that is shown by its pixels alone.
async function draw(file, side, quality, half, plain) {
  if (!faithful()) throw new Error("this browser changes what is drawn");
  const reduced = plain && (await reduce(plain, side).catch(() => undefined));
  // Turned as EXIF says and in the canvas' colors, which is what browsers do when nothing else is said.
  const picture = reduced?.picture ?? (await createImageBitmap(file));
  const orientation = reduced ? plain.orientation : 1;
  const sides = reduced ? [plain.across, plain.down] : [picture.width, picture.height];
  const [across, down] = orientation >= 5 ? sides.toReversed() : sides;
  const large = drawn(picture, across, down, side, { from: reduced?.from ?? sides, orientation });
  picture.close();
  const jpeg = large.canvas.convertToBlob({ type: "image/jpeg", quality }).then((blob) => blob.arrayBuffer());
  const { width, height } = large.canvas;
  const longest = Math.max(width, height);
  const small = drawn(large.canvas, width, height, longest > half ? Math.ceil(longest / 2) : longest, { from: [width, height] });
  const { data } = small.getImageData(0, 0, small.canvas.width, small.canvas.height);
  const [smallWidth, smallHeight] = [small.canvas.width, small.canvas.height];
  return { across, down, width, height, jpeg, smallWidth, smallHeight, pixels: data.buffer, reduced: Boolean(reduced) };
}

// A JPEG's decoder can leave out detail that nobody will see: that saves time, and most of the memory of a picture of 48
// megapixels. Nothing where it would save little, or where this browser cannot. Such a picture is neither turned nor colored.
async function reduce({ jpeg, across, down }, side) {
  const longest = Math.max(across, down);
  // Decoders scale by eighths. What they leave is scaled down once more: then it is as sharp as the whole picture scaled down, by
  // e2e/decoders.spec.mjs. Nearer to what is wanted it is not.
  const eighths = Math.ceil((1.2 * side * 8) / longest);
  if (eighths > 6 || !("ImageDecoder" in self)) return undefined;
  const [desiredWidth, desiredHeight] = [across, down].map((length) => Math.ceil((length * eighths) / 8));
  const decoder = new ImageDecoder({ type: "image/jpeg", data: jpeg, desiredWidth, desiredHeight });
  try {
    const { image } = await decoder.decode();
    if (image.displayWidth === desiredWidth && image.displayHeight === desiredHeight) {
      // The last pixels are pixels in part.
      return { picture: image, from: [across, down].map((length) => (length * eighths) / 8) };
    }
    image.close();
    return undefined;
  } finally {
    decoder.close();
  }
}

// How each EXIF orientation is turned upright, on a canvas of that width and height.
const TURNS = [
  () => [1, 0, 0, 1, 0, 0],
  (width) => [-1, 0, 0, 1, width, 0],
  (width, height) => [-1, 0, 0, -1, width, height],
  (_, height) => [1, 0, 0, -1, 0, height],
  () => [0, 1, 1, 0, 0, 0],
  (width) => [0, 1, -1, 0, width, 0],
  (width, height) => [0, -1, -1, 0, width, height],
  (_, height) => [0, -1, 1, 0, 0, height],
];

// Scaled down so that no side is longer than `side`, on white. `across` and `down` are of the upright picture, `from` is how much of
// `picture` there is to draw, before it is turned.
function drawn(picture, across, down, side, { from, orientation = 1 }) {
  const scale = Math.min(1, side / Math.max(across, down));
  const [width, height] = [across, down].map((length) => Math.max(1, Math.round(length * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d", { alpha: false, willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.setTransform(...TURNS[orientation - 1](width, height));
  context.drawImage(picture, 0, 0, ...from, 0, 0, ...(orientation >= 5 ? [height, width] : [width, height]));
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
