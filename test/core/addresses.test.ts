import { expect, test } from "vitest";
import { shareAddress, shareAddresses } from "../../src/core/addresses.ts";
import type { Address, NodeName } from "../../src/schema/ids.ts";

// What transactions have in common is kept once, and nobody gets another's.

const at = (name: string, url: string): Address => ({ name: name as NodeName, url });
const a = at("a", "ws://a");
const b = at("b", "ws://b");

test.each<[string, readonly Address[]]>([
  ["fewer", [a]],
  ["more", [a, b, a]],
  ["another order", [b, a]],
  ["another name", [a, at("c", "ws://b")]],
  ["another url", [a, at("b", "ws://c")]],
  ["none", []],
])("addresses that are equal are shared, and %s are not", (_, others) => {
  const first = shareAddresses([a, b]);
  expect(shareAddresses([at("a", "ws://a"), at("b", "ws://b")])).toBe(first);
  expect(shareAddresses(others)).toBe(others);
  expect(shareAddresses([a, b])).toEqual(first);
});

test("one address is shared with an equal one alone", () => {
  expect(shareAddress(a)).toBe(a);
  expect(shareAddress(at("a", "ws://a"))).toBe(a);
  expect(shareAddress(b)).toBe(b);
  expect(shareAddress(at("b", "ws://c"))).toEqual(at("b", "ws://c"));
});
