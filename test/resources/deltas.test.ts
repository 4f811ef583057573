import { expect, test } from "vitest";
import { negate } from "../../src/resources/deltas.ts";
import { changesOf, makeChanges } from "../../src/resources/rows.ts";
import type { Delta } from "../../src/schema/operations.ts";

// Goal: deltas are exact sums, whatever their size, their order and their number for one row.

test("a negated delta takes the delta back, beyond 2^53", () => {
  const deltas = [{ key: "a", add: { onHand: "-9007199254740993", reserved: "0", incoming: "5" } }];
  expect(negate(deltas)).toEqual([
    { key: "a", add: { onHand: "9007199254740993", reserved: "0", incoming: "-5" } },
  ]);
  expect(negate(negate(deltas))).toEqual(deltas);
});

test("deltas of one row add up, and nothing changes before all is judged", () => {
  const rowOf = (onHand: bigint) => ({ amounts: { onHand, reserved: 0n } });
  const rows = new Map([
    ["__proto__", rowOf(7n)],
    ["b", rowOf(0n)],
  ]);
  const deltas: Delta[] = [
    { key: "__proto__", add: { onHand: "3" } },
    { key: "b", add: { onHand: "1" } },
    { key: "__proto__", add: { onHand: "-5", reserved: "2" } },
  ];
  const changes = changesOf(rows, deltas);
  expect([...changes.values()].map(({ amounts }) => amounts)).toEqual([
    { onHand: 5n, reserved: 2n },
    { onHand: 1n, reserved: 0n },
  ]);
  expect(() => makeChanges(changes, ({ amounts }) => (amounts.onHand === 0n ? "b is full" : null))).toThrow(
    /b is full/,
  );
  expect([...rows.values()]).toEqual([rowOf(7n), rowOf(0n)]);
  makeChanges(changes, () => null);
  expect(rows.get("__proto__")).toEqual({ amounts: { onHand: 5n, reserved: 2n } });
});

test.each(["onHnad", "constructor", "__proto__"])(
  "an unknown field such as %s is our own mistake",
  (field) => {
    const rows = new Map([["a", { amounts: { onHand: 1n } }]]);
    const add = JSON.parse(`{"${field}":"1"}`);
    expect(() => changesOf(rows, [{ key: "a", add }])).toThrow(field);
  },
);
