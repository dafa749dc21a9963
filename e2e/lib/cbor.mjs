// As much CBOR as it takes to write a sync message by hand.

/** CBOR of numbers, strings, byte arrays, arrays, plain objects and null. */
export function cbor(value) {
  if (value === null || value === undefined) return Buffer.from([0xf6]);
  if (typeof value === "number" || typeof value === "bigint") {
    const number = BigInt(value);
    return number >= 0n ? head(0, number) : head(1, -1n - number);
  }
  if (typeof value === "string") return Buffer.concat([head(3, BigInt(Buffer.byteLength(value))), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, BigInt(value.length)), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, BigInt(value.length)), ...value.map(cbor)]);
  const entries = Object.entries(value);
  return Buffer.concat([head(5, BigInt(entries.length)), ...entries.flatMap(([key, each]) => [cbor(key), cbor(each)])]);
}

function head(major, number) {
  const type = major << 5;
  if (number < 24n) return Buffer.from([type | Number(number)]);
  const bytes = Buffer.alloc(9, type | 27);
  bytes.writeBigUInt64BE(number, 1);
  return bytes;
}
