import { describe, expect, test } from "vitest";
import { type Facts, markedWords, parseFilter, passes } from "../../src/console/filter.ts";
import { bestMatches, matchRank } from "../../src/console/fuzzy.ts";
import { highlightRow } from "../../src/console/highlight.ts";
import { plainText, span } from "../../src/console/row.ts";
import { nextSort, reversedSort, sorted } from "../../src/console/sort.ts";

// A filter leaves the rows of which every term holds.

const VOTE: Facts = {
  text: () => "warehouse > coordinator VOTE 4.17 yes",
  nodes: ["warehouse", "coordinator"],
  transaction: ["4.17", "coordinator:4.17", "coordinator-3f9a2c81d04b.4.17", "order-17"],
  state: "in-doubt",
  level: "info",
};

describe("a filter", () => {
  test.each([
    ["", true],
    ["vote", true],
    ["vote yes", true],
    ["yes vote", true],
    ["vote no", false],
    ['"17 yes"', true],
    ['"yes 17"', false],
    ['"open quote', false],
    ["-prepare", true],
    ["-vote", false],
    ['-"17 yes"', false],
    ["node:ware", true],
    ["node:coordinator", true],
    ["node:ledger", false],
    ["-node:ledger", true],
    ["tx:4.17", true],
    ["tx:4.1", false],
    ["tx:ORDER-17", true],
    ["tx:coordinator-3f9a2c81d04b.4.17", true],
    ["state:in-doubt", true],
    ["state:comm", false],
    ["level:info", true],
    ["level:detail", true],
    ["level:warn", false],
    ["-level:detail", true],
    ["-level:info", false],
    ["-level:warn", false],
    ["LEVEL:Info VOTE", true],
    ["a:b", false],
    ["-", false],
  ])("%j passes a vote: %s", (text, isLeft) => {
    expect(passes(parseFilter(text), VOTE)).toBe(isLeft);
  });

  test("asks nothing of what a row does not have", () => {
    const row: Facts = { text: () => "LAMP-01", nodes: [], transaction: [], state: null, level: null };
    for (const text of ["node:a", "tx:4.1", "state:up", "level:info"]) {
      expect([passes(parseFilter(text), row), passes(parseFilter(`-${text}`), row)]).toEqual([false, true]);
    }
  });

  test("tells a level that there is not, and leaves it out", () => {
    const filter = parseFilter("level:fatal vote");
    expect(filter.problem).toBe("level:fatal: there is no such level; there are detail, info, warn, error");
    expect(passes(filter, VOTE)).toBe(true);
  });

  test("marks the words that it is for, not those it is against", () => {
    expect(markedWords(parseFilter('Vote -no node:ledger "in doubt"'))).toEqual(["vote", "in doubt"]);
  });
});

describe("marks", () => {
  test("stand over every place of every word, across spans, and change no character", () => {
    const row = [span("a vo", "dim"), span("te, a Vote", "good")];
    const marked = highlightRow(row, ["vote"]);
    expect(plainText(marked)).toBe(plainText(row));
    expect(marked.map(({ tone, text }) => `${tone}:${text}`)).toEqual([
      "dim:a ",
      "match:vo",
      "match:te",
      "good:, a ",
      "match:Vote",
    ]);
  });

  test("overlapping words mark their union once", () => {
    const marked = highlightRow([span("prepared")], ["prepare", "pared"]);
    expect(marked.filter(({ tone }) => tone === "match").map(({ text }) => text)).toEqual(["prepare", "d"]);
    expect(plainText(marked)).toBe("prepared");
  });
});

test("a name is found by its beginning first, then by a word in it, then by its letters", () => {
  expect([
    matchRank("log", "log"),
    matchRank("lo", "log"),
    matchRank("log", "command-log"),
    matchRank("og", "log"),
    matchRank("cl", "command-log"),
    matchRank("xyz", "log"),
  ]).toEqual([-1, 0, 1, 2, 3, null]);
  expect(bestMatches("log", ["command-log", "login", "log"], (name) => [name])).toEqual([
    "log",
    "login",
    "command-log",
  ]);
});

test("a list is sorted by a column and back, those alike staying as they were", () => {
  const list = [
    { name: "b", count: 2 },
    { name: "a", count: 10 },
    { name: "c", count: 2 },
  ];
  const keys = {
    NAME: (each: { name: string }) => each.name,
    COUNT: (each: { count: number }) => each.count,
  };
  const names = (column: string, isReversed: boolean) =>
    sorted(list, { column, isReversed }, keys as never)
      .map(({ name }) => name)
      .join("");
  expect([names("NAME", false), names("NAME", true), names("COUNT", false), names("COUNT", true)]).toEqual([
    "abc",
    "cba",
    "bca",
    "abc",
  ]);
  const columns = ["NAME", "COUNT"];
  const second = nextSort(nextSort(null, columns), columns);
  expect(second).toEqual({ column: "COUNT", isReversed: false });
  expect(nextSort(second, columns)).toBe(null);
  expect(reversedSort(reversedSort(second, columns), columns)).toEqual(second);
});
