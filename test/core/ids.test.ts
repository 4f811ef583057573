import fc from "fast-check";
import { expect, test } from "vitest";
import { isBelow, isIdBelow, makeTransactionId, parseTransactionId } from "../../src/core/ids.ts";
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
