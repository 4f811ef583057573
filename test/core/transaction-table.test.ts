import fc from "fast-check";
import { expect, test } from "vitest";
import { makeTransactionTable } from "../../src/core/transaction-table.ts";
import type { TransactionId } from "../../src/schema/ids.ts";

// A table of transactions holds what a Map would, whatever comes and goes and however strange its counters are, and is walked in the
// order in which a run counted.

const idOf = (counter: number | string, run = "coordinator-00000000000c.1") =>
  `${run}.${counter}` as TransactionId;

/** Few, so that they meet: most follow one another, in two runs; beside them what no coordinator gives, and too many runs. */
const ids = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 60 }).map((counter) => idOf(counter)) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 9 }).map((counter) => idOf(counter, "other-00000000000d.7")),
  },
  fc
    .constantFrom("01", "007", "0", "1000", "4503599627370496", "999999999999999")
    .map((counter) => idOf(counter)),
  fc.integer({ min: 1, max: 40 }).map((epoch) => idOf(1, `third-00000000000e.${epoch}`)),
);
const steps = fc.array(fc.tuple(fc.boolean(), ids), { maxLength: 300 });

const byId = ([one]: readonly [string, number], [other]: readonly [string, number]) => (one < other ? -1 : 1);

test("whatever comes and goes, it holds what a Map holds", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const table = makeTransactionTable<number>();
      const map = new Map<TransactionId, number>();
      taken.forEach(([isEntering, id], step) => {
        if (isEntering) {
          table.set(id, step);
          map.set(id, step);
        } else expect(table.delete(id)).toBe(map.delete(id));
        expect(table.get(id)).toBe(map.get(id));
        expect(table.has(id)).toBe(map.has(id));
        expect(table.size).toBe(map.size);
        expect(table.first()).toBe([...table.keys()][0]);
      });
      const entries = [...table];
      expect([...table.keys()]).toEqual(entries.map(([id]) => id));
      expect([...table.values()]).toEqual(entries.map(([, value]) => value));
      expect(entries.sort(byId)).toEqual([...map].sort(byId));
      for (const [id, value] of map) expect(table.get(id)).toBe(value);
    }),
    { numRuns: 150 },
  );
});

test("a run is walked as it counted, what is far behind first, and runs as they came", () => {
  const table = makeTransactionTable<number>();
  const later = Array.from({ length: 3_000 }, (_, at) => at + 2);
  for (const counter of [1, ...later]) {
    table.set(idOf(counter), counter);
    if (counter > 20 && counter < 2_990) table.delete(idOf(counter - 10));
  }
  table.set(idOf(1, "other-00000000000d.1"), -1);
  for (const counter of [2_985, 2_982, 1]) table.set(idOf(counter), counter);
  const counters = [...table.values()];
  expect(counters).toEqual([...counters.slice(0, -1).sort((one, other) => one - other), -1]);
  expect(counters).toContain(1);
});

test("what is walked over may leave, and be given other values", () => {
  const table = makeTransactionTable([1, 2, 3, 4, 5, 6].map((counter) => [idOf(counter), counter]));
  const met: number[] = [];
  for (const [id, value] of table) {
    met.push(value);
    if (value === 1) table.delete(idOf(2));
    if (value === 3) for (const counter of [3, 4]) table.delete(idOf(counter));
    if (value === 5) table.set(id, 50);
  }
  expect(met).toEqual([1, 3, 5, 6]);
  expect([...table.values()]).toEqual([1, 50, 6]);
});

test("a ring that was large holds what is left, however little that is", () => {
  const table = makeTransactionTable<number>();
  const map = new Map<TransactionId, number>();
  for (let counter = 1; counter <= 40_000; counter += 1) {
    table.set(idOf(counter), counter);
    map.set(idOf(counter), counter);
  }
  for (let counter = 1; counter <= 40_000; counter += 1) {
    if (counter % 9_999 === 0) continue;
    table.delete(idOf(counter));
    map.delete(idOf(counter));
    if (counter % 5_000 === 0) expect([...table].slice(0, 50)).toEqual([...map].slice(0, 50));
  }
  expect([...table.values()]).toEqual([9_999, 19_998, 29_997, 39_996]);
  for (const id of map.keys()) expect(table.delete(id)).toBe(true);
  table.set(idOf(40_001), 1);
  expect([...table]).toEqual([[idOf(40_001), 1]]);
});
