import fc from "fast-check";
import { expect, test } from "vitest";
import type { SettledRequest } from "../../src/core/node-state.ts";
import { reasonFor } from "../../src/core/reasons.ts";
import { SETTLED_REQUESTS_MAX } from "../../src/core/settings.ts";
import { makeSettledRequests } from "../../src/core/settled-requests.ts";
import type { RequestId, TransactionId } from "../../src/schema/ids.ts";

// What was settled comes back as it was, in the order in which it was settled, until so many came after it that it is dropped.

const idOf = (number: number) => `order-${number}` as RequestId;
const settledOf = (number: number): SettledRequest => ({
  requestId: idOf(number),
  issuedAtMs: 1_700_000_000_000 + number,
  digest: `digest of ${number}`,
  attempts: 1,
  isOnlyHere: true,
  phase: "settled",
  transactionId: `coordinator-00000000000c.1.${number}` as TransactionId,
  outcome: "committed",
  reason: null,
  votes: { warehouse: "yes" },
  results: [],
});

const text = fc.string({ unit: "binary", maxLength: 100 });
const id = fc.stringMatching(/^[!-~]{1,64}$/);
const anySettled: fc.Arbitrary<SettledRequest> = fc.record({
  requestId: fc.oneof(
    fc.integer({ min: 0, max: 9 }).map(idOf),
    id.map((each) => each as RequestId),
  ),
  issuedAtMs: fc.oneof(fc.integer(), fc.double({ noNaN: true })),
  digest: text,
  attempts: fc.integer({ min: 1, max: 2 }),
  isOnlyHere: fc.boolean(),
  phase: fc.constant("settled"),
  transactionId: fc.option(id.map((each) => each as TransactionId)),
  outcome: fc.constantFrom("committed", "aborted", "unknown"),
  reason: fc.constantFrom(null, reasonFor(null, "busy", "too much"), reasonFor(null, "draining", "ends")),
  votes: fc.constantFrom<SettledRequest["votes"][]>(
    {},
    { warehouse: "yes" },
    { warehouse: "no", ledger: null },
  ),
  results: fc.constantFrom([], [
    { participant: "warehouse", rows: [] },
  ] as unknown as SettledRequest["results"]),
});
const step = fc.oneof(anySettled, fc.constant("delete" as const), fc.integer({ min: 0, max: 9 }).map(idOf));

test("a table does what a map does that takes each request out before it adds it", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = makeSettledRequests();
      const map = new Map<RequestId, SettledRequest>();
      const check = (id: RequestId) => expect(table.get(id)).toEqual(map.get(id));
      for (const each of steps) {
        if (typeof each === "string") {
          const id = each === "delete" ? ([...map.keys()][0] ?? idOf(0)) : each;
          check(id);
          expect(table.delete(id)).toBe(map.delete(id));
          check(id);
        } else {
          map.delete(each.requestId);
          map.set(each.requestId, each);
          table.add(each);
          check(each.requestId);
        }
        expect(table.size).toBe(map.size);
      }
      expect([...table]).toEqual([...map]);
      expect([...table.newestFirst()]).toEqual([...map.values()].reverse());
      expect([...makeSettledRequests(table)]).toEqual([...map]);
    }),
  );
});

test("the newest are kept, no more than may be and nineteen twentieths of them at least, and what has left is not found", () => {
  const table = makeSettledRequests();
  const count = 1.5 * SETTLED_REQUESTS_MAX;
  for (let number = 0; number < count; number += 1) {
    table.add(settledOf(number));
    // One that is taken out again now and then leaves a gap, which nothing may be confused by.
    if (number % 7 === 3) table.delete(idOf(number - 1));
  }
  const kept = [...table].map(([, settled]) => settled);
  const oldest = kept[0]?.issuedAtMs ?? 0;
  const isKept = (number: number) => settledOf(number).issuedAtMs >= oldest && number % 7 !== 2;
  const numbers = Array.from({ length: count }, (_, number) => number);
  expect(kept).toEqual(numbers.filter(isKept).map(settledOf));
  expect(table.size).toBe(kept.length);
  const span = settledOf(count).issuedAtMs - oldest;
  expect(span).toBeGreaterThan(0.95 * SETTLED_REQUESTS_MAX - 1);
  expect(span).toBeLessThanOrEqual(SETTLED_REQUESTS_MAX);
  expect(numbers.filter((number) => table.get(idOf(number)) !== undefined)).toEqual(numbers.filter(isKept));
});
