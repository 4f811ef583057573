import fc from "fast-check";
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

/** By the definition. */
function textOf(operations: readonly Operation[]): string {
  return JSON.stringify(
    operations.map((operation) =>
      Object.keys(operation)
        .sort()
        .map((field) => [field, operation[field]]),
    ),
  );
}

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
  const text = textOf([inOrder]);
  expect(Object.keys(reversed)[0]).toBe(Object.keys(inOrder).at(-1));
  expect(canonicalOperations([inOrder])).toBe(text);
  expect(canonicalOperations([reversed])).toBe(text);
});

const word = fc.constantFrom("sku", "amount", "debit", "a b", 'q"', "ü", "1", "constructor");
const value = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("", '"', "\\", "\u007f", "\u2028", "\ud800", "~ }"),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(-0, 2 ** 53, 1e21),
  fc.boolean(),
);
const operation = fc
  .tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), fc.dictionary(word, value, { maxKeys: 5 }))
  .map(([op, participant, more]): Operation => ({ ...more, op, participant: participant as NodeName }));

test("it is what JSON says of lists of the fields", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 4 }), (operations) => {
      expect(canonicalOperations(operations)).toBe(textOf(operations));
    }),
  );
});
