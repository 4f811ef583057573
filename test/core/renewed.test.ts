import { expect, test } from "vitest";
import { renewed } from "../../src/core/renewed.ts";

// A table of what comes and goes is copied now and then, and holds what it held, in order; a large one stays as it is.

const tableOf = (size: number) => new Map(Array.from({ length: size }, (_, key) => [key, `${key}`] as const));

test("a table is copied with every 512th entry that it takes in", () => {
  let table = tableOf(3);
  const before = [...table];
  let copies = 0;
  for (let taken = 1; taken <= 2 * 512; taken += 1) {
    const next = renewed(table, taken);
    if (next !== table) copies += 1;
    table = next;
  }
  expect(copies).toBe(2);
  expect([...table]).toEqual(before);
});

test("a table of more than 2 048 is not copied", () => {
  const [small, large] = [tableOf(2_048), tableOf(2_049)];
  expect(renewed(small, 512)).not.toBe(small);
  expect(renewed(large, 512)).toBe(large);
});
