import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeCluster, NAMES, type Name, type TestCluster } from "../crash-matrix/cluster.ts";
import {
  type Call,
  expectRefusal,
  type How,
  isDispensable,
  playRun,
  type Run,
  SIZES,
  spread,
} from "./victim.ts";

// Every call on files that a whole node makes, from its start through orders, rotations and checkpoints to its clean end, fails
// once: with EIO, with ENOSPC, short, and short on a disk that stays full. After it nothing leaves the process, one line says
// why, the status is 74; the next start recovers, and the cluster keeps all it must. `npm run disk-faults` tries every call.
const all = process.env.DISK_FAULTS === "all";
/** How many calls of a run are tried with `npm test`. */
const TRIED = 4;
const JUDGED_EVERY = 25;
const WRITING = ["write /log/segment.log"];
const LOGGING = [
  ...WRITING,
  "datasync /log/segment.log",
  "datasync /log/mark.tmp",
  "datasync /log/checkpoint.tmp",
];
/** Runs differ in what they wait for: a call that one of them made may not come in another. So often it is tried. */
const TRIES = 3;
/** So many of all calls may never have come again. */
const MISSED_SHARE_MAX = 0.1;

let nodes: TestCluster;
const begin = async (): Promise<void> => {
  nodes = await makeCluster();
  for (const name of NAMES) await nodes.start(name, SIZES);
};
/** What nodes remember of earlier runs grows, and with it the time between two checkpoints: a run on a young cluster takes some. */
const beginAnew = async (): Promise<void> => {
  await nodes.remove();
  await begin();
};
beforeEach(begin, 120_000);
afterEach(() => nodes.remove());

const victims: readonly Name[] = all ? ["coordinator", "warehouse"] : ["warehouse"];
const hows: readonly How[] = ["EIO", "ENOSPC", "short", "full"];

describe.each(victims)("the %s", (victim) => {
  test.each(hows)("%s", { timeout: 1_800_000 }, async (how) => {
    const whole = await play(victim, null, how);
    expect([whole.injected, whole.status]).toEqual([null, 0]);
    // What is not seen is not failed either: the log's own calls are always among those of a run.
    const kinds = new Set(whole.calls.map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(how === "EIO" || how === "ENOSPC" ? LOGGING : WRITING));
    const calls = all ? whole.calls : spread(whole.calls, TRIED);
    const tried: Run[] = [];
    const missed: Call[] = [];
    for (const call of calls) {
      const run = await playUntilFailed(victim, call, how);
      if (run === null) {
        missed.push(call);
        continue;
      }
      judge(run, how);
      tried.push(run);
      if (tried.length % JUDGED_EVERY !== 0) continue;
      await judgeCluster(run);
      await beginAnew();
    }
    await judgeCluster(tried.at(-1));
    if (!all) return expect(tried.length).toBeGreaterThanOrEqual(2);
    console.info(
      `${victim}, ${how}: ${tried.length} calls of ${calls.length} failed, of ${kinds.size} kinds: ${summary(tried)}`,
    );
    // Of each kind one has failed at least, and nearly all of all.
    expect([...kinds].filter((kind) => missed.some((call) => call.kind === kind && call.at === 1))).toEqual(
      [],
    );
    expect(missed.length).toBeLessThanOrEqual(calls.length * MISSED_SHARE_MAX);
  });
});

/** One run of a victim that was killed, so that it finds something to mend. */
async function play(victim: Name, call: Call | null, how: How): Promise<Run> {
  await nodes.signal(victim, "SIGKILL");
  return playRun(nodes, victim, call, how);
}

/** The run in which the call came and failed; null if it never came. */
async function playUntilFailed(victim: Name, call: Call, how: How): Promise<Run | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const run = await play(victim, call, how);
    if (run.injected !== null) return run;
    expect.soft(run.status).toBe(0);
    await judgeCluster(run);
    await beginAnew();
  }
  return null;
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
