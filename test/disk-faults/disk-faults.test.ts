import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeCluster, NAMES, type Name, type TestCluster } from "../crash-matrix/cluster.ts";
import { expectRefusal, type How, isDispensable, playRun, type Run, SIZES } from "./victim.ts";

// Every call on files that a whole node makes, from its start through orders, rotations and checkpoints to its clean end, fails
// once: with EIO, with ENOSPC, short, and short on a disk that stays full. After it nothing leaves the process, one line says
// why, the status is 74; the next start recovers, and the cluster keeps all it must. `npm run disk-faults` tries every call.
const all = process.env.DISK_FAULTS === "all";
/** How many calls of a run are tried with `npm test`. */
const TRIED = 4;
const JUDGED_EVERY = 25;

let nodes: TestCluster;
beforeEach(async () => {
  nodes = await makeCluster();
  for (const name of NAMES) await nodes.start(name, SIZES);
});
afterEach(() => nodes.remove());

const victims: readonly Name[] = all ? ["coordinator", "warehouse"] : ["warehouse"];
const hows: readonly How[] = ["EIO", "ENOSPC", "short", "full"];

describe.each(victims)("the %s", (victim) => {
  test.each(hows)("%s", { timeout: 1_800_000 }, async (how) => {
    const whole = await play(victim, Number.MAX_SAFE_INTEGER, how);
    expect([whole.injected, whole.status]).toEqual([null, 0]);
    const tried: Run[] = [];
    const step = all ? 1 : Math.ceil(whole.calls / TRIED);
    for (let at = 1; ; at += step) {
      const run = await play(victim, at, how);
      if (run.injected === null) break;
      judge(run, how);
      tried.push(run);
      if (tried.length % JUDGED_EVERY === 0) await judgeCluster(run);
    }
    await judgeCluster(tried.at(-1));
    expect(tried.length).toBeGreaterThanOrEqual(all ? 15 : 2);
    if (all) console.info(`${victim}, ${how}: ${tried.length} runs, ${summary(tried)}`);
  });
});

/** One run of a victim that was killed, so that it finds something to mend. */
async function play(victim: Name, at: number, how: How): Promise<Run> {
  await nodes.signal(victim, "SIGKILL");
  return playRun(nodes, victim, at, how);
}

function judge(run: Run, how: How): void {
  if (how === "short" || isDispensable(run)) expect.soft({ ...run, status: 0 }).toEqual(run);
  else expectRefusal(run);
}

async function judgeCluster(run: Run | undefined): Promise<void> {
  expect(await nodes.faults(true), `after ${run?.injected}`).toEqual([]);
}

/** Which kinds of call failed, and how often. */
function summary(runs: readonly Run[]): string {
  const counts = new Map<string, number>();
  for (const { injected } of runs) {
    const kind = (injected ?? "").replace(/^\S+ /, "").replace(/-[0-9-]+/g, "");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}
