import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Home, makeHome } from "./program.ts";

// Goal: `simulate` prints its seed first, keeps a trace that other commands read, and refuses what makes no sense.

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(() => home.remove());

test("one seed: the seed and its knobs first, what happened, and a trace that is checked", async () => {
  const trace = join(home.dir, "seed.jsonl");
  const { status, stdout } = await home.run(["simulate", "--seed", "3", "--trace", trace]);
  const lines = stdout.trim().split("\n");
  expect(status).toBe(0);
  expect(lines[0]).toMatch(/^seed 3 \{"seed":3,"coordinators":/);
  expect(lines.some((line) => line.endsWith("faults end"))).toBe(true);
  expect(lines.at(-1)).toMatch(/^every invariant held: \d+ s of virtual time/);
  const checked = await home.run(["check", trace]);
  expect(checked).toMatchObject({ status: 0 });
  expect(checked.stdout).toContain("every step that was seen is allowed");
});

test("many seeds: one JSON document", async () => {
  const { status, stdout } = await home.run(["simulate", "--seeds", "5", "--from", "11", "--json"]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    ok: true,
    seeds: 5,
    virtualSeconds: expect.any(Number),
    committed: expect.any(Number),
    aborted: expect.any(Number),
    seedsPerSecond: expect.any(Number),
    virtualToReal: expect.any(Number),
    failures: [],
  });
});

test.each([
  ["--seed is a number", ["--seed", "x"]],
  ["one seed or many", ["--seed", "1", "--seeds", "2"]],
  ["a trace is of one seed", ["--trace", "t.jsonl"]],
])("%s", async (_, words) => {
  const { status, stderr } = await home.run(["simulate", ...words]);
  expect(status).toBe(64);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
