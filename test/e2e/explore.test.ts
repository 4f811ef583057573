import { afterEach, beforeEach, expect, test } from "vitest";
import { play } from "../../src/sim/world/play.ts";
import { type Home, makeHome } from "./program.ts";

// Goal: `explore` prints what it found in the shape that was promised, and its exit status says whether all held.

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(() => home.remove());

test.each([
  ["two-phase", 4, { distinctStates: 1_568, generatedStates: 8_258, depth: 14 }],
  ["t-commit", 3, { distinctStates: 34, generatedStates: 94, depth: 7 }],
])("one JSON document about %s", async (model, participants, extent) => {
  const ended = await home.run([
    "explore",
    "--model",
    model,
    "--participants",
    String(participants),
    "--json",
  ]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(ended.stdout)).toEqual({
    model,
    participants,
    ...extent,
    statesPerSecond: expect.any(Number),
    violations: [],
  });
});

test("for people, the numbers stand beside the closed form", async () => {
  const { status, stdout } = await home.run(["explore", "--model", "two-phase", "--participants", "3"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/distinct +288 +288\ngenerated +1146 +1146\ndepth +11 +11\n/);
  expect(stdout).toContain("every invariant holds");
});

test("what is broken is told with its trace, and exit status 1", async () => {
  const ended = await home.run(["explore", "--model", "canary", "--participants", "2", "--json"]);
  expect(ended.status).toBe(1);
  const { violations } = JSON.parse(ended.stdout);
  expect(violations).toEqual([{ invariant: "consistency", trace: expect.any(Array) }]);
  expect(violations[0].trace).toHaveLength(6);
  const { stdout } = await home.run(["explore", "--model", "canary"]);
  expect(stdout).toMatch(/broken: consistency\n +1 {2}initial\n/);
});

test("the shipped core, as far as it was asked for", async () => {
  const { status, stdout } = await home.run(["explore", "--model", "core", "--states-max", "2000", "--json"]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    model: "core",
    distinctStates: 2_000,
    isComplete: false,
    refinement: { of: "two-phase", states: expect.any(Number), all: 288 },
    settling: {
      starts: expect.any(Number),
      stepsMax: expect.any(Number),
      millisecondsMax: expect.any(Number),
    },
    violations: [],
  });
  const text = await home.run(["explore", "--model", "core", "--participants", "1", "--crashes", "1"]);
  expect(text).toMatchObject({ status: 0, stdout: expect.stringContaining("every invariant holds;") });
  const part = await home.run(["explore", "--model", "core", "--states-max", "2000"]);
  expect(part).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("not complete, ended by --states-max: "),
  });
});

test("what it may hold ends it with what it has, well before Node would abort it", {
  timeout: 120_000,
}, async () => {
  const large = ["explore", "--model", "core", "--participants", "2", "--crashes", "2"];
  const { status, stdout } = await home.run([...large, "--memory-max", "200", "--json"]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    isComplete: false,
    endedBy: "--memory-max",
    memoryPeakMiB: expect.any(Number),
    violations: [],
  });
  const text = await home.run(large, { env: { NODE_OPTIONS: "--max-old-space-size=120" } });
  expect(text).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(
      /not complete, ended by the limit of Node's heap: .*\nNODE_OPTIONS=--max-old-space-size=MIB gives/,
    ),
  });
});

test("it says how far it is, and Ctrl-C ends it with what it has", { timeout: 60_000 }, async () => {
  const { child, ended } = home.start([
    "explore",
    "--model",
    "core",
    "--participants",
    "2",
    "--crashes",
    "3",
    "--json",
  ]);
  const progress = await new Promise<string>((resolve) => {
    child.stderr?.once("data", (chunk: Buffer) => resolve(chunk.toString()));
  });
  expect(progress).toMatch(/^\d+ states, \d+ generated, depth \d+; \d+ states a second, \d+ MiB\n/);
  child.kill("SIGINT");
  const { status, stdout } = await ended;
  expect(status).toBe(130);
  const { distinctStates, isComplete, violations } = JSON.parse(stdout);
  expect({ isComplete, violations }).toEqual({ isComplete: false, violations: [] });
  expect(distinctStates).toBeGreaterThan(0);
});

test("a disk that lies is caught, and its story is a golden trace", async () => {
  const lie = [
    "explore",
    "--model",
    "core",
    "--participants",
    "2",
    "--lying-disk",
    "commit",
    "--timers",
    "none",
  ];
  const { status, stdout } = await home.run(lie);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^broken: commit point/m);
  const { violations } = JSON.parse((await home.run([...lie, "--json"])).stdout);
  const [{ promises, story }] = violations;
  expect(promises).toContain("I2");
  expect(play(story)).toBe(story);
});

test.each<string[]>([
  ["--model", "three-phase"],
  ["--cuts", "1"],
  ["--model", "core", "--readers", "3", "--participants", "2"],
  ["--model", "core", "--refusals", "maybe"],
  ["--crashes", "4"],
  ["--states-max", "0"],
  ["--memory-max", "63"],
  ["--participants", "0"],
  ["--participants", "10"],
  ["--participants", "many"],
  ["--participants", "99"],
  ["--participants", "5", "--model", "core"],
])("%s %s %s %s is bad usage", async (...args) => {
  const ended = await home.run(["explore", ...args]);
  expect(ended).toMatchObject({ status: 64, stdout: "" });
  expect(ended.stderr).toMatch(/^TPC_USAGE: .*\n$/);
});
