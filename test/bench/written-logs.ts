import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { isDirectoryLocked } from "../../src/drivers/directory-lock.ts";
import { pause } from "../console-bench/process.ts";
import { PROGRAM, type StartedNode } from "./node-start.ts";

// Logs as running nodes write them: those of the cluster that `2pc-console bench` loads, checkpoints and all.

/** Transactions that are under way at once. */
const IN_FLIGHT = 256;
/** Records that each node writes of a transaction: `commit` and `end`, `prepared` and `committed`. */
const RECORDS_EACH = 2;
/** More than are reached before the load is killed. */
const ENDLESS = 100_000_000;
const POLL_MS = 50;

export function writtenNodes(dir: string): readonly StartedNode[] {
  return (["coordinator", "warehouse", "ledger"] as const).map((kind) => ({
    name: kind,
    kind,
    dir: join(dir, kind),
  }));
}

/** Loads a cluster in `dir` until each of its nodes has written so many records, and ends it by SIGTERM. */
export async function writeLogs(dir: string, records: number): Promise<void> {
  const transactions = Math.ceil(records / RECORDS_EACH);
  const load = spawnLoad(dir, transactions, ["--growth", String(Math.max(1, Math.ceil(transactions / 5)))]);
  load.stderr?.pipe(process.stderr);
  const [code] = await once(load, "exit");
  if (code !== 0) throw new Error(`the load ended with ${code}`);
}

/** Loads the cluster in `dir` with so many records a node more, and kills it in the middle of its work. */
export async function killWhileWriting(dir: string, records: number): Promise<void> {
  const load = spawnLoad(dir, ENDLESS, []);
  const exited = once(load, "exit");
  try {
    await untilMeasured(load, Math.ceil(records / RECORDS_EACH));
  } finally {
    load.kill("SIGKILL");
    await exited;
  }
  // Its nodes end by themselves: nobody holds their pipes any more.
  for (const node of writtenNodes(dir)) while (isDirectoryLocked(node.dir)) await pause(POLL_MS);
}

function spawnLoad(dir: string, transactions: number, more: readonly string[]): ChildProcess {
  const load = ["--data", dir, "--concurrency", String(IN_FLIGHT), "--no-floor", "--warm-up", "0"];
  const args = [PROGRAM, "bench", ...load, "--transactions", String(transactions), ...more];
  return spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
}

/** Resolves when the load says that it has done so many; rejects when it ends before. */
async function untilMeasured(load: ChildProcess, transactions: number): Promise<void> {
  let last = "it said nothing";
  for await (const line of createInterface({ input: load.stderr as Readable })) {
    last = line;
    const done = /^measuring .*: (\d+) of /.exec(line)?.[1];
    if (done !== undefined && Number(done) >= transactions) return;
  }
  throw new Error(`the load ended: ${last}`);
}
