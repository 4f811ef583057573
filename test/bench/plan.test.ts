import { expect, test } from "vitest";
import { placeOf } from "../../src/bench/mixture.ts";
import { chooseRows, planTransaction, type Stock } from "../../src/bench/plan.ts";
import type { NodeName } from "../../src/schema/ids.ts";

// Goal: shares are kept exactly, a load gives back what it took, and only rows that can bear the load are used.

const STOCKS: readonly Stock[] = [
  { name: "warehouse" as NodeName, kind: "warehouse", skus: ["A", "B", "C"] },
  { name: "ledger" as NodeName, kind: "ledger", pairs: [{ debit: "cash", credit: "ada" }] },
];

test.each([
  [0, 0],
  [0.1, 0.25],
  [0.5, 0.5],
  [1, 0],
  [0, 1],
])(
  "with %d aborted and %d only reading, a thousand transactions have exactly these shares",
  (abortRate, readOnlyShare) => {
    const kinds = Array.from(
      { length: 1_000 },
      (_, index) => placeOf(index, { abortRate, readOnlyShare }).kind,
    );
    const share = (kind: string) => kinds.filter((other) => other === kind).length / 1_000;
    expect([share("abort"), share("read")]).toEqual([abortRate, readOnlyShare]);
  },
);

test("what one update moves, the next moves back, also between aborts and reads", () => {
  const mixture = { abortRate: 0.2, readOnlyShare: 0.3 };
  const sums = new Map<string, number>();
  let updates = 0;
  for (let index = 0; index < 400; index += 1) {
    const { kind, operations } = planTransaction(STOCKS, mixture, index);
    if (kind !== "update") continue;
    updates += 1;
    const [move, transfer] = operations;
    const piece = move?.op === "receive" ? 1 : -1;
    sums.set(String(move?.sku), (sums.get(String(move?.sku)) ?? 0) + piece);
    sums.set(String(transfer?.debit), (sums.get(String(transfer?.debit)) ?? 0) + 1);
    sums.set(String(transfer?.credit), (sums.get(String(transfer?.credit)) ?? 0) - 1);
  }
  expect(updates).toBe(200);
  expect([...sums.entries()].sort()).toEqual([
    ["A", 0],
    ["B", 0],
    ["C", 0],
    ["ada", 0],
    ["cash", 0],
  ]);
});

test("an abort is refused by the first participant alone", () => {
  const { operations } = planTransaction(STOCKS, { abortRate: 1, readOnlyShare: 0 }, 0);
  expect(operations.map(({ sku, debit }) => sku ?? debit)).toEqual(["no-such-row", "cash"]);
});

test("rows that hold less than can be in flight are left alone; where none is left, it says what to do", () => {
  const item = (sku: string, available: string) => {
    return { sku, name: sku, onHand: available, reserved: "0", available };
  };
  const rows = {
    kind: "warehouse" as const,
    items: [item("FEW", "7"), item("MANY", "8"), item("MORE", "9")],
  };
  const name = "warehouse" as NodeName;
  expect(chooseRows(name, rows, 8, false)).toMatchObject({ skus: ["MANY", "MORE"] });
  expect(chooseRows(name, rows, 8, true)).toMatchObject({ skus: ["MANY"] });
  expect(() => chooseRows(name, rows, 10, false)).toThrow("choose less --concurrency");
});
