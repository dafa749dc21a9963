// What a picture looks like, compared by a few gray squares.
import { readFile } from "node:fs/promises";

/**
 * Whether the picture that `image` shows is turned the way the photo at `path` says it should be. The browser turns the
 * original by its EXIF block; the picture must be closer to that than to the same turned by a quarter, half or three.
 */
export async function sameWayUp(page, image, path) {
  const original = `data:image/jpeg;base64,${(await readFile(path)).toString("base64")}`;
  const shown = await image.evaluate((node) => node.src);
  return page.evaluate(
    async ([shown, original]) => {
      const SIDE = 12;
      const squares = async (url, turns) => {
        const image = Object.assign(new Image(), { src: url });
        await image.decode();
        const canvas = new OffscreenCanvas(SIDE, SIDE);
        const context = canvas.getContext("2d");
        context.translate(SIDE / 2, SIDE / 2);
        context.rotate((turns * Math.PI) / 2);
        context.drawImage(image, -SIDE / 2, -SIDE / 2, SIDE, SIDE);
        const { data } = context.getImageData(0, 0, SIDE, SIDE);
        return Array.from({ length: SIDE * SIDE }, (_, at) => data[4 * at] + data[4 * at + 1] + data[4 * at + 2]);
      };
      const seen = await squares(shown, 0);
      const apart = [];
      for (const turns of [0, 1, 2, 3]) {
        const other = await squares(original, turns);
        apart.push(other.reduce((sum, value, at) => sum + Math.abs(value - seen[at]), 0));
      }
      return apart.every((each, turns) => turns === 0 || each > 2 * apart[0]);
    },
    [shown, original],
  );
}
