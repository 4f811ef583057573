import { expect, test } from "vitest";
import { everyWay } from "../../../src/sim/explore/choices.ts";

// Goal: what is open is gone through in every combination, once.

test("a run without a choice goes one way", () => {
  expect(everyWay(() => 7)).toEqual([{ chosen: [], result: 7 }]);
});

test("a choice that depends on another is asked for only where it comes up", () => {
  const ways = everyWay((choose) => {
    const vote = choose(["yes", "no"]);
    if (vote === "no") return "aborted";
    return choose(["works", "fails", "hangs"]);
  });
  expect(ways).toEqual([
    { chosen: ["yes", "works"], result: "works" },
    { chosen: ["yes", "fails"], result: "fails" },
    { chosen: ["yes", "hangs"], result: "hangs" },
    { chosen: ["no"], result: "aborted" },
  ]);
});

test("three choices of two make eight ways", () => {
  const ways = everyWay((choose) => [1, 2, 3].map(() => choose(["a", "b"])).join(""));
  expect(new Set(ways.map(({ result }) => result)).size).toBe(8);
  expect(ways).toHaveLength(8);
});
