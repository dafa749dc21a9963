// Both renditions by sharp, on one thread: node sharp.mjs <photo> <display> <thumbnail>
import sharp from "sharp";

const [photo, display, thumbnail] = process.argv.slice(2);
sharp.concurrency(1);
const start = performance.now();
const fit = (side) => ({ width: side, height: side, fit: "inside", withoutEnlargement: true });
await sharp(photo).autoOrient().resize(fit(2048)).jpeg({ quality: 80 }).toFile(display);
await sharp(photo).autoOrient().resize(fit(320)).jpeg({ quality: 75 }).toFile(thumbnail);
console.log(JSON.stringify({ inside_ms: performance.now() - start }));
