import { expect, test } from "vitest";
import { digitsOf, wholeOf } from "../../src/resources/amounts.ts";
import { negate } from "../../src/resources/deltas.ts";
import { changeRows } from "../../src/resources/rows.ts";
import type { Delta } from "../../src/schema/operations.ts";

// Goal: deltas are exact sums, whatever their size, their order and their number for one row.

test("a negated delta takes the delta back, beyond 2^53", () => {
  const deltas = [{ key: "a", add: { onHand: "-9007199254740993", reserved: "0", incoming: "5" } }];
  expect(negate(deltas)).toEqual([
    { key: "a", add: { onHand: "9007199254740993", reserved: "0", incoming: "-5" } },
  ]);
  expect(negate(negate(deltas))).toEqual(deltas);
});

test("deltas of one row add up, and all are taken back when one is refused", () => {
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
  const changed = new Map([
    ["__proto__", { amounts: { onHand: 5n, reserved: 2n } }],
    ["b", rowOf(1n)],
  ]);
  const before = new Map(structuredClone([...rows]));
  const judge = () => {
    expect(rows).toEqual(changed);
    return "b is full";
  };
  expect(() => changeRows(rows, deltas, judge)).toThrow(/b is full/);
  expect(rows).toEqual(before);
  changeRows(rows, deltas, () => null);
  expect(rows).toEqual(changed);
});

test.each([
  "999999999999999",
  "-999999999999999",
  "1000000000000001",
  "9007199254740993",
  "-9007199254740993",
])("%s is exact", (digits) => {
  expect(digitsOf(wholeOf(digits))).toBe(digits);
  expect(wholeOf(digits)).toBe(BigInt(digits));
});

test.each(["onHnad", "constructor", "__proto__"])(
  "an unknown field such as %s is our own mistake",
  (field) => {
    const rows = new Map([["a", { amounts: { onHand: 1n } }]]);
    const add = JSON.parse(`{"${field}":"1"}`);
    expect(() =>
      changeRows(
        rows,
        [
          { key: "a", add: { onHand: "1" } },
          { key: "a", add },
        ],
        () => null,
      ),
    ).toThrow(field);
    expect(rows.get("a")).toEqual({ amounts: { onHand: 1n } });
  },
);
