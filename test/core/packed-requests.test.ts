import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  allHeld,
  dropHeld,
  findHeld,
  keepHeld,
  makeHeldRequests,
  sliceOf,
} from "../../src/core/held-requests.ts";
import type { HeldRequest } from "../../src/core/node-state.ts";
import { PAGE_BYTES_MAX } from "../../src/core/packed-page.ts";
import { indexPacked, leaveUnindexed, restorePages, storedPages } from "../../src/core/packed-requests.ts";
import { reasonFor } from "../../src/core/reasons.ts";
import type { RequestId, TransactionId } from "../../src/schema/ids.ts";

// Requests that are over are packed into bytes. Whatever they are, they come back as they were, until their window is over.

const WINDOW_MS = 8_000;
const idOf = (number: number) => `order-${number}` as RequestId;
const heldOf = (number: number, issuedAtMs = number): HeldRequest => ({
  transactionId: `coordinator-00000000000c.1.${number}` as TransactionId,
  issuedAtMs,
  digest: `digest of ${number}`,
  isCommitted: true,
  refusal: null,
});

function packedOf(helds: Iterable<readonly [RequestId, HeldRequest]>) {
  const requests = makeHeldRequests();
  for (const [requestId, held] of helds) {
    keepHeld(requests, requestId, held, WINDOW_MS);
  }
  return requests;
}

function restored(requests: ReturnType<typeof packedOf>) {
  const next = makeHeldRequests();
  restorePages(next.packed, storedPages(requests.packed), sliceOf(WINDOW_MS));
  return next;
}

/** As a node restores them: more is packed before anything is looked up. */
function readIn(
  requests: ReturnType<typeof packedOf>,
  more: Iterable<readonly [RequestId, HeldRequest]> = [],
) {
  const next = makeHeldRequests();
  leaveUnindexed(next.packed);
  restorePages(next.packed, storedPages(requests.packed), sliceOf(WINDOW_MS));
  for (const [requestId, held] of more) {
    keepHeld(next, requestId, held, WINDOW_MS);
  }
  indexPacked(next.packed);
  return next;
}

const ascii = (maxLength: number) => fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength });
const anyHeld = fc.record({
  transactionId: ascii(80).map((text) => text as TransactionId),
  issuedAtMs: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
  digest: ascii(64),
  isCommitted: fc.boolean(),
  refusal: fc.option(
    fc.string({ unit: "binary", maxLength: 512 }).map((text) => reasonFor(null, "insufficient-stock", text)),
  ),
});
const anyRequests = fc
  .array(fc.tuple(ascii(64), anyHeld), { maxLength: 40 })
  .map((pairs) => new Map(pairs as [RequestId, HeldRequest][]));

test("what is packed comes back as it was, also from the pages of a checkpoint", () => {
  fc.assert(
    fc.property(anyRequests, (all) => {
      const guarded = new Map([...all].filter(([, held]) => held.isCommitted || held.refusal));
      const requests = packedOf(guarded);
      expect(requests.recent.size).toBe(0);
      for (const each of [requests, restored(requests), readIn(requests), readIn(packedOf([]), guarded)]) {
        expect(new Map(allHeld(each))).toEqual(guarded);
        for (const [requestId, held] of guarded) expect(findHeld(each, requestId)).toEqual(held);
        for (const requestId of all.keys())
          if (!guarded.has(requestId)) expect(findHeld(each, requestId)).toBeUndefined();
      }
    }),
  );
});

describe("what is not packed", () => {
  test.each<[string, Partial<HeldRequest>]>([
    ["a request that an operator committed", { isByHand: true }],
    ["one whose digest is no ASCII", { digest: "ä" }],
  ])("%s stays as it is", (_, differs) => {
    const requests = makeHeldRequests();
    const held = { ...heldOf(1), ...differs };
    keepHeld(requests, idOf(1), held, WINDOW_MS);
    expect([...requests.recent]).toEqual([[idOf(1), held]]);
    expect(requests.packed.pages.size).toBe(0);
  });

  test("leaves nothing behind where the next one comes to stand", () => {
    const strange = { ...heldOf(2), digest: "ä".repeat(200) };
    const requests = packedOf([
      [idOf(1), heldOf(1)],
      [idOf(2), strange],
      [idOf(3), heldOf(3)],
    ]);
    expect([...allHeld(requests)]).toEqual([
      [idOf(2), strange],
      [idOf(1), heldOf(1)],
      [idOf(3), heldOf(3)],
    ]);
  });
});

test("memory for a page that a request turns out not to be packed into is the next page's", () => {
  const { recent, packed } = packedOf([]);
  const requests = { recent, packed };
  const { spare } = packed.memory;
  const keepUntil = (isSo: () => boolean) => {
    for (let number = 1; number < 20_000 && !isSo(); number += 1) {
      keepHeld(requests, idOf(0), { ...heldOf(0), digest: "ä".repeat(255) }, WINDOW_MS);
      keepHeld(requests, idOf(number), heldOf(number, 1), WINDOW_MS);
    }
  };
  keepUntil(() => spare.length > 0);
  expect(spare.length).toBe(1);
  const [memory] = spare;
  const count = packed.pages.size;
  keepUntil(() => packed.pages.size > count);
  expect([...packed.pages.values()].at(-1)?.bytes).toBe(memory);
  expect(new Set([...packed.pages.values()].map(({ bytes }) => bytes.buffer)).size).toBe(count + 1);
});

describe("many", () => {
  const COUNT = 60_000;
  const numbers = Array.from({ length: COUNT }, (_, number) => number);
  const requests = packedOf(numbers.map((number) => [idOf(number), heldOf(number, 1)] as const));

  test("are found, and strangers are not", () => {
    expect(requests.packed.pages.size).toBeGreaterThan(5);
    for (const each of [requests, restored(requests), readIn(requests)]) {
      const lost = numbers.filter((number) => findHeld(each, idOf(number))?.digest !== heldOf(number).digest);
      const strangers = numbers.filter((number) => findHeld(each, `stranger-${number}` as RequestId));
      expect([lost, strangers]).toEqual([[], []]);
    }
  });

  test("take few bytes each, and full pages are taken over as they are", () => {
    const pages = storedPages(requests.packed);
    expect(pages.reduce((sum, { bytes }) => sum + bytes.length, 0) / COUNT).toBeLessThan(100);
    const full = pages.filter(({ bytes }) => bytes.length > PAGE_BYTES_MAX / 2);
    const after = storedPages(restored(requests).packed);
    expect(after.slice(0, full.length)).toEqual(full);
    expect(new Set(after.map(({ number }) => number)).size).toBe(after.length);
  });

  test("a page that a checkpoint has does not change when more is added", () => {
    const few = packedOf([[idOf(1), heldOf(1)]]);
    const [before] = storedPages(few.packed);
    const copy = before?.bytes.slice();
    for (const [requestId, held] of numbers.map((number) => [idOf(number + 2), heldOf(1)] as const)) {
      keepHeld(few, requestId, held, WINDOW_MS);
    }
    expect(before?.bytes).toEqual(copy);
    expect(storedPages(few.packed)[0]?.bytes.subarray(0, copy?.length)).toEqual(copy);
  });

  test("go a page at a time when their window is over, and leave nothing behind", () => {
    const some = restored(requests);
    expect(
      dropHeld(some, 1, () => false),
      "not issued before 1",
    ).toBe(0);
    for (let left = some.packed.pages.size; left > 0; left -= 1) {
      expect([some.packed.pages.size, dropHeld(some, 2, () => false)]).toEqual([left, 1]);
    }
    expect([some.packed.index?.size, some.packed.open.size]).toEqual([0, 0]);
    expect(findHeld(some, idOf(1))).toBeUndefined();
    const again = heldOf(7, 9);
    keepHeld(some, idOf(7), again, WINDOW_MS);
    expect(findHeld(some, idOf(7))).toEqual(again);
  });
});

test("what is packed after the index was made in one go is found, and goes as well", () => {
  const requests = readIn(packedOf([[idOf(1), heldOf(1)]]), [[idOf(2), heldOf(2)]]);
  for (const number of [3, 4, 5]) {
    keepHeld(requests, idOf(number), heldOf(number), WINDOW_MS);
  }
  for (const number of [1, 2, 3, 4, 5])
    expect(findHeld(requests, idOf(number)), `${number}`).toEqual(heldOf(number));
  while (dropHeld(requests, 6, () => false) > 0);
  expect([requests.packed.pages.size, requests.packed.index?.size]).toEqual([0, 0]);
});

test("nothing is looked up before it was indexed", () => {
  const requests = packedOf([[idOf(1), heldOf(1)]]);
  leaveUnindexed(requests.packed);
  expect(() => findHeld(requests, idOf(1))).toThrow("before they were indexed");
});

test("what is issued in another slice of the window goes at another time", () => {
  const slice = sliceOf(WINDOW_MS);
  const requests = packedOf([1, 2, 7, 80].map((at) => [idOf(at), heldOf(at, at * slice)] as const));
  const drop = () => dropHeld(requests, 3 * slice, () => false);
  expect([drop(), drop(), drop()]).toEqual([slice, 2 * slice, 0]);
  expect([...allHeld(requests)].map(([requestId]) => requestId)).toEqual([idOf(7), idOf(80)]);
});

test.each([
  ["nothing", new Uint8Array(0), "page 3 has format null"],
  ["another format", Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0), "page 3 has format 2"],
  [
    "half an entry",
    Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0),
    "page 3 has no whole entry at byte 8",
  ],
])("a page that is %s is refused", (_, bytes, message) => {
  const { packed } = makeHeldRequests();
  expect(() => restorePages(packed, [{ number: 3, bytes }], 1)).toThrow(message);
});
