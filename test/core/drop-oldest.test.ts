import { expect, test } from "vitest";
import { dropOldest } from "../../src/core/drop-oldest.ts";

// A table holds no more than its bound and at least seven eighths of it, and what must stay stays, however old.

test("the oldest eighth leaves when the bound is passed, and no sooner", () => {
  const table = new Map(Array.from({ length: 80 }, (_, key) => [key, key] as const));
  dropOldest(table, 80);
  expect(table.size).toBe(80);
  table.set(80, 80);
  dropOldest(table, 80);
  expect([...table.keys()]).toEqual(Array.from({ length: 70 }, (_, place) => place + 11));
});

test("what may not be dropped is passed over, even if the table then stays above its bound", () => {
  const table = new Map(Array.from({ length: 20 }, (_, key) => [key, key < 15] as const));
  dropOldest(table, 8, (mustStay) => !mustStay);
  expect([...table.keys()]).toEqual(Array.from({ length: 15 }, (_, key) => key));
});
