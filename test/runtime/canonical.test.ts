import { expect, test } from "vitest";
import { canonicalOperations } from "../../src/runtime/canonical.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";

// Goal: what is asked for has one text, and so one digest, in whatever order somebody wrote its fields; that text never changes.

const transfer: Operation = {
  op: "transfer",
  participant: "ledger" as NodeName,
  debit: "cash",
  credit: "sales",
  amount: "1",
};

test("the fields of an operation stand in the order of their names", () => {
  expect(canonicalOperations([transfer])).toBe(
    '[[["amount","1"],["credit","sales"],["debit","cash"],["op","transfer"],["participant","ledger"]]]',
  );
});

test.each([1, 2, 5, 16, 17, 40])("%d more fields, in any order, give the same text", (count) => {
  const fields = Array.from({ length: count }, (_, at) => [`f${at * 7}`, at]);
  const inOrder: Operation = { ...transfer, ...Object.fromEntries(fields) };
  const { op, participant } = transfer;
  const reversed: Operation = { ...Object.fromEntries(Object.entries(inOrder).reverse()), op, participant };
  const sorted = Object.keys(inOrder).sort();
  const text = JSON.stringify([sorted.map((field) => [field, inOrder[field]])]);
  expect(Object.keys(reversed)[0]).toBe(Object.keys(inOrder).at(-1));
  expect(canonicalOperations([inOrder])).toBe(text);
  expect(canonicalOperations([reversed])).toBe(text);
});
