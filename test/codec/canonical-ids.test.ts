import fc from "fast-check";
import { expect, test } from "vitest";
import { transactionIds } from "../../src/codec/canonical-ids.ts";
import { MISS } from "../../src/codec/canonical-puts.ts";

// Goal: ids of which only the counter differs, or only what is before it, are written and read as they are, in whatever order they come.

const LIMIT = 90;

function bytesOf(text: string) {
  const bytes = Buffer.alloc(LIMIT + 512, '"');
  bytes.write(text, 3);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

function put(id: string): string {
  const { bytes, view } = bytesOf("");
  return bytes.toString("latin1", 3, transactionIds.put(bytes, view, 3, LIMIT, id));
}

function read(id: string): string | undefined {
  const { bytes, view } = bytesOf(id);
  return transactionIds.read(bytes, view, 3);
}

const id = fc
  .record({
    name: fc.constantFrom("coordinator", "coordinatos", "c", "d"),
    epoch: fc.constantFrom("1", "2", "12"),
    // Counters 2048 apart share a place.
    counter: fc.constantFrom(
      "7",
      "07",
      "007",
      "0",
      "00",
      "2055",
      "4103",
      "999999999999999",
      "000000000000007",
    ),
  })
  .map(({ name, epoch, counter }) => `${name}-0123456789ab.${epoch}.${counter}`);

test("each is put and read as itself, whichever came before", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(put, read), id), { maxLength: 40 }), (all) => {
      for (const [way, each] of all) expect(way(each)).toBe(each);
    }),
  );
});

test("one that is no id, or has no room, is not put", () => {
  const start = "coordinator-0123456789ab.1.";
  put(`${start}7`);
  const { bytes, view } = bytesOf("");
  for (const wrong of ["", "7x", "x7", "-7", "1234567890123456"])
    expect(transactionIds.put(bytes, view, 0, LIMIT, start + wrong)).toBe(MISS);
  expect(transactionIds.put(bytes, view, LIMIT - start.length, LIMIT, `${start}7`)).toBe(MISS);
});
