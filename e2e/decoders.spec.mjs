// A photo looks the same whoever decoded it: the browser, or wasm, which is what phones and the server share.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { offerMaker } from "./lib/maker.mjs";
import { newPhone } from "./lib/phone.mjs";
import { noPhotos, photo } from "./lib/photos.mjs";
import { startServer } from "./lib/server.mjs";

// Every way up, large and small, a picture of table colors; of 255.
const SAME = [
  "DSCN0010.jpg", "iphone5_rotated.jpg", "iphone_hdr_YES.jpg", "landscape_1.jpg", "landscape_3.jpg", "landscape_6.jpg",
  "portrait_6.jpg", "portrait_8.jpg", "no_exif.jpg", "Canon_40D.jpg",
];
const MEAN = 2.5;
const MOST = 16;

// 85 × 64 pixels of a street, by libheif.
const AVIF = `
AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAASttZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAAB
AAAANGlsb2MAAAAAREAAAgABAAAAAAFPAAEAAAAAAAACIQACAAAAAANwAAEAAAAAAAAAXgAAADhpaW5mAAAAAAACAAAAFWluZmUCAAAAAAEAAGF2MDEA
AAAAFWluZmUCAAABAAIAAEV4aWYAAAAAamlwcnAAAABLaXBjbwAAABNjb2xybmNseAACAAIABoAAAAAMYXYxQ4EADAAAAAAUaXNwZQAAAAAAAABVAAAA
QAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgYIDhAAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAACh21kYXQSAAoJGBlqfsECAgaE
MpEEFYANNNNCgN0s1ZVxHQGO6FX3B6fQaMj03HE1ANpj6GKslUFWCJ1QpcycsAc6wh8vZwU/SMeXqL7atsbgdnPXwq98M7P/m1CipbCSzQQ1BqqwH5ew
MAQ4KQacv6q4eB9Hx7jZg+OefcP1enGf0qoQoBmUB1opjTz8noe6gW/Ky0eRA8Ldu1HJUDaH3TVsyjUToms8eo0x4rGGc/veqEMEJ9HdsVdtFwzZEark
3nrkBr53wMocM0ACEtsmNNKECt567GaXGVVB7huUw8yiGOP/QUCQy1AgU2C+4CFviqibh+N4MdtJe/JctQNX5k467iFGq1UZv46wAZsPwsKargeml5ZX
bOR79iv1J59NWwuwbBPhdIQq+Jcw3eIUAFeC9MLFlbwfkGovt/0JurZAzoJ4OrCDS2LheFsLJxtpTD/35vgc70gM69YCitmmaveQeccdiYTVvSGcpxLc
vRHhexAIHgKUu8kFuD5Fv1wGj23X6sqRMlDyU+q+i75pXVkNKX0EuHePCDmQppq9GXoqJcf9POHfKxrrThvum9+oMkW5uhsQWRw+8BXMpj9ZfO9knSsO
fGFuon0bnIJGVdG2Qyt5uYsajHHBBUMWMLbN07GHWxVHeh7qf0t2VG1diCSRaeQ7k+gdyVat1pdGBNysoMZ5xS6B/jDoQWy9jDl6OaXCFXbq8TJO6qFe
hPWLZTJTh/1UkAAAAABJSSoACAAAAAUAEgEDAAEAAAABAAAAGgEFAAEAAABKAAAAGwEFAAEAAABSAAAAKAEDAAEAAAACAAAAEwIDAAEAAAABAAAAAAAA
AEgAAAABAAAASAAAAAEAAAA=`;

test("what the browser makes of a photo equals what wasm makes of it", { skip: noPhotos, timeout: 180_000 }, async (t) => {
  const server = await startServer(t);
  const phone = await newPhone(t, server, "inspector");
  const { page } = phone;
  await phone.open("/app/");
  await offerMaker(page);
  const base64 = async (name) => (await readFile(photo(name))).toString("base64");

  for (const name of SAME) {
    await t.test(name, async () => {
      const said = await page.evaluate(async (base64) => {
        const file = await blobOf(base64);
        const [browser, wasm] = [await make(file), await make(file, "wasm")];
        const display = await apart(browser.display, wasm.display);
        const thumbnail = await apart(browser.thumbnail, wasm.thumbnail);
        const blurs = [browser.done.blur, wasm.done.blur];
        return { by: [browser.done.by, wasm.done.by], display, thumbnail, blurs, reading: [browser.done.reading, wasm.done.reading] };
      }, await base64(name));
      // Large ones without a color profile are scaled while they are decoded.
      assert.ok(["Browser", "Reduced"].includes(said.by[0]), said.by[0]);
      assert.equal(said.by[1], "Wasm");
      assert.deepEqual(said.reading[0], said.reading[1]);
      for (const which of ["display", "thumbnail"]) {
        const { size, mean, most } = said[which];
        assert.ok(mean <= MEAN && most <= MOST, `${which} ${size}: ${mean.toFixed(2)} on average, ${most} at one in a hundred`);
      }
      t.diagnostic(`${name}: ${JSON.stringify([said.display, said.thumbnail])}`);
    });
  }

  // No camera here writes 12 megapixels: a picture is laid beside itself, and the file says how it is to be turned.
  const wide = await base64("iphone_hdr_YES.jpg");
  for (let orientation = 1; orientation <= 8; orientation++) {
    await t.test(`a large photo is scaled while it is decoded, and is the same: way up ${orientation}`, async () => {
      const said = await page.evaluate(async ([base64, orientation]) => {
        const file = await tiled(await blobOf(base64), ...(orientation % 2 ? [4032, 3024] : [4100, 3075]), orientation);
        const [browser, wasm] = [await make(file), await make(file, "wasm")];
        const [display, thumbnail] = [await apart(browser.display, wasm.display), await apart(browser.thumbnail, wasm.thumbnail)];
        return { by: browser.done.by, blurs: [browser.done.blur, wasm.done.blur], display, thumbnail };
      }, [wide, orientation]);
      assert.equal(said.by, "Reduced");
      assert.equal(said.display.size, orientation >= 5 ? "1536x2048" : "2048x1536");
      for (const { size, mean, most } of [said.display, said.thumbnail]) {
        assert.ok(mean <= MEAN && most <= MOST, `${size}: ${mean.toFixed(2)} on average, ${most} at one in a hundred`);
      }
      t.diagnostic(JSON.stringify([said.display, said.thumbnail]));
    });
  }

  await t.test("a format that wasm does not know is made where the browser knows it", async () => {
    const said = await page.evaluate(async (avif) => {
      const file = await blobOf(avif, "image/avif");
      return [await make(file), await make(file, "wasm")];
    }, AVIF.replaceAll(/\s/g, ""));
    assert.deepEqual(said.map(({ done }) => [done.reading.media_type, done.by, Boolean(done.files)]), [
      ["avif", "Browser", true],
      ["avif", "Wasm", false],
    ]);
    assert.deepEqual(said[0].done.files[0].slice(0, 2), [85, 64]);
    assert.match(said[1].done.remark, /will be sent as it is/);
  });

  await t.test("what the browser would show as if it were whole goes the way that notices", async () => {
    const whole = await readFile(photo("landscape_1.jpg"));
    const half = whole.subarray(0, whole.length >> 1).toString("base64");
    const said = await page.evaluate(async (half) => make(await blobOf(half)), half);
    assert.equal(said.done.by, "Wasm");
    assert.match(said.done.remark, /damaged/);
  });

  await t.test("what is no photo is said in words, and the Worker lives", async () => {
    const said = await page.evaluate(async () => make(new Blob(["This is no photo at all."])));
    assert.match(said.problem.message, /not a picture/);
    const after = await page.evaluate(async (base64) => make(await blobOf(base64)), await base64("no_exif.jpg"));
    assert.equal(after.done.by, "Browser");
  });

  assert.deepEqual(phone.troubles, []);
});
