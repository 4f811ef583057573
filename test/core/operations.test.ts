import { expect, test } from "vitest";
import { operationsFor, participantsOf } from "../../src/core/operations.ts";
import type { NodeName } from "../../src/schema/ids.ts";

// Who takes part in a request, and with what, is found by the names in its operations alone, whatever was asked before.

const on = (...names: string[]) =>
  names.map((name, at) => ({ participant: name as NodeName, op: "read", sku: `${at}` }));

test.each([
  [
    ["a", "b"],
    ["a", "b"],
  ],
  [
    ["b", "a"],
    ["b", "a"],
  ],
  [
    ["a", "b", "a", "b"],
    ["a", "b"],
  ],
  [["a", "a"], ["a"]],
  [
    ["a", "b", "c"],
    ["a", "b", "c"],
  ],
  [
    ["a", "c", "b"],
    ["a", "c", "b"],
  ],
  [["b"], ["b"]],
  [[], []],
])("operations on %j name %j, after any other request", (names, expected) => {
  for (const before of [["a", "b"], ["b", "a"], ["a", "b", "c"], ["a"], []]) {
    participantsOf(on(...before));
    expect(participantsOf(on(...names))).toEqual(expected);
  }
});

test.each([
  ["a", ["0"]],
  ["b", ["1", "2", "4"]],
  ["c", ["3"]],
  ["d", []],
])("of operations on a, b, b, c, b those for %s are %j", (name, expected) => {
  const own = operationsFor(name as NodeName, on("a", "b", "b", "c", "b"));
  expect(own.map((operation) => operation.sku)).toEqual(expected);
});
