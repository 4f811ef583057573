import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isBelow,
  isIdBelow,
  knownId,
  makeTransactionId,
  parseTransactionId,
  placeOfId,
  runOf,
} from "../../src/core/ids.ts";
import type { NodeId, TransactionId } from "../../src/schema/ids.ts";

// An id is taken apart as it was put together, whatever was taken apart before it.

const nodeId = fc
  .constantFrom("a", "a-b", "coordinator", "coordinator-2")
  .map((name) => `${name}-00000000000c` as NodeId);
const count = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 999_999_999_999_999 }));
const place = fc.record({ epoch: count, counter: count });

test("ids of several runs and stores come apart as they were made", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(nodeId, place), { maxLength: 12 }), (all) => {
      for (const [coordinatorId, { epoch, counter }] of all) {
        const coordinatorName = coordinatorId.slice(0, -"-00000000000c".length);
        const parts = { coordinatorId, coordinatorName, epoch, counter };
        expect(parseTransactionId(makeTransactionId(coordinatorId, epoch, counter))).toEqual(parts);
      }
    }),
  );
});

test("a known id is one text, and no other is taken for it", () => {
  const known = makeTransactionId("a-00000000000c" as NodeId, 1, 7);
  expect(knownId(runOf(known), 7)).toBe(known);
  expect(knownId(runOf(known), 7 + 2 ** 11), "in the same place").toBeUndefined();
  for (const [text, coordinatorId, isPadded] of [
    ["a-00000000000c.1.07", "a-00000000000c", true],
    ["b-00000000000c.1.7", "b-00000000000c", false],
    ["a-00000000000c.1.7", "a-00000000000c", false],
  ] as const) {
    placeOfId(known);
    const { run, counter, isPadded: hasZeros } = placeOfId(text as TransactionId);
    expect([run.coordinatorId, counter, hasZeros]).toEqual([coordinatorId, 7, isPadded]);
  }
});

test("an id is below a floor where its place is", () => {
  fc.assert(
    fc.property(nodeId, place, place, (coordinatorId, at, floor) => {
      const id = makeTransactionId(coordinatorId, at.epoch, at.counter);
      expect(isIdBelow(id, floor)).toBe(isBelow(at, floor));
    }),
  );
});

test.each(["", "a", "a-00000000000c", "a-00000000000c.1", "a-00000000000c.1.", "a-00000000000c..1"])(
  "what is no id, %o, is refused",
  (text) => {
    parseTransactionId("a-00000000000c.1.1" as TransactionId);
    expect(() => parseTransactionId(text as TransactionId)).toThrow("malformed transaction id");
  },
);
