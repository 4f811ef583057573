import { readFile } from "node:fs/promises";
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

test("a seed that fails says how to repeat it and how to open it in the console, and both do", async () => {
  const many = await home.run(["simulate", "--seeds", "3", "--lying-disk"]);
  expect(many.status).toBe(1);
  const [, seed = ""] = /^broken in seed (\d+): I9: .*acknowledged records/m.exec(many.stderr) ?? [];
  const repeat = `simulate --seed ${seed} --lying-disk`;
  expect(many.stderr).toContain(`repeat it with: npx 2pc-console ${repeat}\n`);
  const open = `npx 2pc-console ${repeat} --trace seed-${seed}.jsonl > /dev/null; npx 2pc-console replay seed-${seed}.jsonl`;
  expect(many.stderr).toContain(`open it with: ${open}\n`);

  const one = await home.run([...repeat.split(" "), "--trace", `seed-${seed}.jsonl`]);
  expect(one.status).toBe(1);
  const [, found = ""] = new RegExp(`^broken in seed ${seed}: (.*)$`, "m").exec(many.stderr) ?? [];
  expect(one.stdout).toContain(found);
  expect(one.stdout).toContain(`open it with: npx 2pc-console replay seed-${seed}.jsonl\n`);
  const shown = await home.run(["replay", `seed-${seed}.jsonl`]);
  expect(shown.status).toBe(0);
  expect(shown.stdout).toContain(`! BROKEN ${found}`);
});

test("the same seed is the same to the byte in another process, time zone and language", async () => {
  const played = await Promise.all(
    [
      { TZ: "UTC", LANG: "C", LC_ALL: "C" },
      { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
    ].map(async (env, index) => {
      const trace = join(home.dir, `${index}.jsonl`);
      const { status, stdout } = await home.run(["simulate", "--seed", "7", "--trace", trace], { env });
      return { status, stdout, trace: await readFile(trace, "utf8") };
    }),
  );
  expect(played[0]?.status).toBe(0);
  expect(played[0]?.trace.length).toBeGreaterThan(100_000);
  expect(played[1]).toEqual(played[0]);
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
