import { expect, test } from "vitest";
import { negate, sumDeltas } from "../../src/resources/deltas.ts";
import type { Delta } from "../../src/schema/operations.ts";

// Goal: deltas are exact sums, whatever their size, their order and their number for one row.

test("a negated delta takes the delta back, beyond 2^53", () => {
  const deltas = [{ key: "a", add: { onHand: "-9007199254740993", reserved: "0", incoming: "5" } }];
  expect(negate(deltas)).toEqual([
    { key: "a", add: { onHand: "9007199254740993", reserved: "0", incoming: "-5" } },
  ]);
  expect(negate(negate(deltas))).toEqual(deltas);
});

test("deltas of one row add up", () => {
  const deltas: Delta[] = [
    { key: "__proto__", add: { onHand: "3" } },
    { key: "b", add: { onHand: "1" } },
    { key: "__proto__", add: { onHand: "-5", reserved: "2" } },
  ];
  const sums = sumDeltas(deltas, ["onHand", "reserved"]);
  expect([...sums]).toEqual([
    ["__proto__", { onHand: -2n, reserved: 2n }],
    ["b", { onHand: 1n, reserved: 0n }],
  ]);
});

test("an unknown field is our own mistake", () => {
  expect(() => sumDeltas([{ key: "a", add: { onHnad: "1" } }], ["onHand"])).toThrow(/onHnad/);
});
