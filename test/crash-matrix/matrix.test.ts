import { describe, expect, test } from "vitest";
import { LOG_POINTS } from "../../src/log/points.ts";
import { LOOP_POINTS } from "../../src/runtime/crash-points.ts";
import { COORDINATOR_LOG, FAST, PAIRS, SINGLES } from "./cases.ts";
import { NAMES } from "./cluster.ts";
import { runCase } from "./play.ts";

// Real processes are killed by SIGKILL at every named point, started again, and must end every transaction with stock, money
// and the list of committed orders in agreement. `npm run crash-matrix` runs all of it and prints the table.
const all = process.env.CRASH_MATRIX === "all";
const cases = all
  ? [...SINGLES, ...COORDINATOR_LOG, ...PAIRS]
  : SINGLES.filter(({ point }) => FAST.includes(point));

test("every point of the code is a case, once", () => {
  expect(SINGLES.map(({ point }) => point)).toEqual([...LOOP_POINTS, ...LOG_POINTS]);
  for (const { victim, point } of SINGLES) expect(NAMES, point).toContain(victim);
});

const named = cases.map((one) => ({ ...one, name: one.then ? `${one.point}, then ${one.then}` : one.point }));

describe.each(named)("$victim crashes at $name ($script)", (one) => {
  test("and everything ends as it must", { timeout: 90_000 }, async () => {
    const startedMs = performance.now();
    expect(await runCase(one)).toEqual([]);
    if (all) {
      const then = one.then ? `, then ${one.then}` : "";
      console.info(
        `ok  ${one.victim.padEnd(11)} ${one.point}${then}  ${Math.round(performance.now() - startedMs)} ms`,
      );
    }
  });
});
