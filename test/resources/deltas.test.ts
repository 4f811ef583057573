import { expect, test } from "vitest";
import { negate } from "../../src/resources/deltas.ts";
import { type Books, changeRows } from "../../src/resources/rows.ts";
import { STOCK_BOOKS, type StockRow } from "../../src/resources/stock.ts";
import type { Delta } from "../../src/schema/operations.ts";

// Goal: deltas are exact sums, whatever their size, their order and their number for one row.

test("a negated delta takes the delta back, beyond 2^53", () => {
  const deltas = [{ key: "a", add: { onHand: "-9007199254740993", reserved: "0", incoming: "5" } }];
  expect(negate(deltas)).toEqual([
    { key: "a", add: { onHand: "9007199254740993", reserved: "0", incoming: "-5" } },
  ]);
  expect(negate(negate(deltas))).toEqual(deltas);
});

/** Rows that are judged as the test says. */
const booksThat = (findBroken: () => string | null): Books<StockRow> => ({ ...STOCK_BOOKS, findBroken });
const keepingAll = booksThat(() => null);
const rowOf = (onHand: number, reserved = 0): StockRow => ({
  item: { sku: "", name: "" },
  onHand,
  reserved,
  incoming: 0,
});

test("deltas of one row add up, and all are taken back when one is refused", () => {
  const rows = new Map([
    ["__proto__", rowOf(7)],
    ["b", rowOf(0)],
  ]);
  const deltas: Delta[] = [
    { key: "__proto__", add: { onHand: "3" } },
    { key: "b", add: { onHand: "1" } },
    { key: "__proto__", add: { onHand: "-5", reserved: "2" } },
  ];
  const changed = new Map([
    ["__proto__", rowOf(5, 2)],
    ["b", rowOf(1)],
  ]);
  const before = new Map(structuredClone([...rows]));
  const judge = () => {
    expect(rows).toEqual(changed);
    return "b is full";
  };
  expect(() => changeRows(rows, deltas, "add", booksThat(judge))).toThrow(/b is full/);
  expect(rows).toEqual(before);
  changeRows(rows, deltas, "add", keepingAll);
  expect(rows).toEqual(changed);
  const refuse = () => "b is missed";
  expect(() => changeRows(rows, deltas, "take off", booksThat(refuse))).toThrow(/b is missed/);
  expect(rows).toEqual(changed);
  changeRows(rows, deltas, "take off", keepingAll);
  expect(rows).toEqual(before);
});

test.each([
  ["an unknown field", "onHnad", "1"],
  ["a field of every object", "constructor", "1"],
  ["a prototype", "__proto__", "1"],
  ["no number", "reserved", "1x"],
  ["no long number", "reserved", "1234567890123456x"],
])("a delta with %s is our own mistake, and what stands before it is taken back", (_, field, amount) => {
  const rows = new Map([["a", rowOf(1)]]);
  const add = JSON.parse(`{"onHand":"2","${field}":"${amount}"}`);
  const deltas = [
    { key: "a", add: { onHand: "1" } },
    { key: "a", add },
  ];
  expect(() => changeRows(rows, deltas, "add", keepingAll)).toThrow(amount === "1" ? field : amount);
  expect(rows.get("a")).toEqual(rowOf(1));
});
