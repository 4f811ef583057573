import { join } from "node:path";
import { expect } from "vitest";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import type { Name, TestCluster } from "../crash-matrix/cluster.ts";
import type { Ended } from "../e2e/program.ts";

/** How the one call fails: see the program that is loaded before the node. */
export type How = "EIO" | "ENOSPC" | "short" | "full";

const PRELOAD = join(import.meta.dirname, "programs", "failing-fs.ts");
/** Small enough that one run changes its segment and takes checkpoints. */
export const SIZES = ["--segment-bytes", "2048", "--checkpoint-bytes", "2048"];

/** A call on files that can fail: the `at`th of its kind in a node's life, from 1. A kind is such as `datasync /log/mark.tmp`. */
export interface Call {
  readonly kind: string;
  readonly at: number;
}

/** What makes a node fail at one of its calls on files below `dir`; at none for null. */
export function failing(dir: string, call: Call | null, how: How) {
  const env = {
    TPC_FAIL_DIR: dir,
    TPC_FAIL_KIND: call?.kind ?? "",
    TPC_FAIL_AT: String(call?.at ?? 0),
    TPC_FAIL_HOW: how,
  };
  return { nodeArgs: ["--import", PRELOAD], env };
}

/** How a run with one failing call went. */
export interface Run {
  /** `EIO datasync /log/…` and the like; null when the run made fewer calls. */
  readonly injected: string | null;
  readonly status: number | null;
  /** The lines that say why, and everything else that should not be there, in words. */
  readonly reasons: readonly string[];
  readonly oddities: readonly string[];
  /** The calls that the run made and that can fail in this way. */
  readonly calls: readonly Call[];
}

export function readRun({ status, signal, stderr }: Ended, how: How): Run {
  const lines = stderr.split("\n");
  const oddities = lines.filter((line) => line.startsWith("SENT") || /^ +at |^Error|^Trace/.test(line));
  return {
    injected: lines.find((line) => line.startsWith("INJECTED"))?.slice("INJECTED ".length) ?? null,
    status,
    reasons: lines.filter((line) => line.includes("TPC_")),
    oddities: signal === null ? oddities : [...oddities, `ended by ${signal}`],
    calls: callsOf(lines.findLast((line) => line.startsWith("CALLS "))?.slice("CALLS ".length) ?? "{}", how),
  };
}

function callsOf(counts: string, how: How): readonly Call[] {
  const isFailing = (kind: string) => (how !== "short" && how !== "full") || kind.startsWith("write ");
  return Object.entries<number>(JSON.parse(counts)).flatMap(([kind, count]) =>
    isFailing(kind) ? Array.from({ length: count }, (_, index) => ({ kind, at: index + 1 })) : [],
  );
}

/** About `count` of the calls, spread over all. */
export function spread(calls: readonly Call[], count: number): readonly Call[] {
  const step = Math.max(1, calls.length / count);
  return calls.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** What a node can do without: it goes on, and ends cleanly. */
const DISPENSABLE = /^\S+ (?:statfs (?:\/log)?|readFile \/peers\.json|rm \/owner\.json)$/;

export function isDispensable({ injected }: Run): boolean {
  return DISPENSABLE.test(injected ?? "");
}

/** One line says what failed and where, the status is that of a failing disk, and nothing was sent after it. */
export function expectRefusal({ injected, status, reasons, oddities }: Run): void {
  const line = expect.stringMatching(/TPC_LOG_WRITE: .*\/.*; check free disk space/);
  expect.soft({ injected, status, reasons, oddities }).toEqual({
    injected,
    status: 74,
    reasons: [line],
    oddities: [],
  });
}

const warehouse = "warehouse" as NodeName;
const ship = (sku: string): Operation => ({ participant: warehouse, op: "ship", sku, quantity: 1 });
const pay: Operation = {
  participant: "ledger" as NodeName,
  op: "transfer",
  debit: "customer-ada",
  credit: "revenue",
  amount: "1",
};

/** Orders of every kind: two participants, one, one that is refused. */
const ORDERS: readonly (readonly Operation[])[] = [
  [ship("PENCIL-01"), pay],
  [ship("PENCIL-01")],
  [ship("GLOBE-01"), pay],
  [pay],
  ...Array.from({ length: 4 }, () => [ship("PENCIL-01"), pay]),
];

/**
 * Starts the victim with a call that fails, orders one thing after the other, ends it cleanly if it lives, and starts it again.
 * Resolves when every order has its outcome.
 */
export async function playRun(nodes: TestCluster, victim: Name, call: Call | null, how: How): Promise<Run> {
  const launch = failing(nodes.dir(victim), call, how);
  const early = await nodes.tryStart(victim, SIZES, launch);
  if (early !== null) {
    await nodes.start(victim, SIZES);
    return readRun(early, how);
  }
  const end = nodes.end(victim);
  let isDead = false;
  const orders = (async () => {
    for (const operations of ORDERS) if (!isDead) await nodes.order(operations);
  })();
  await Promise.race([orders, end]);
  isDead = !nodes.isAlive(victim);
  if (!isDead) await nodes.signal(victim, "SIGTERM");
  const ended = await end;
  isDead = true;
  await nodes.start(victim, SIZES);
  await orders;
  return readRun(ended, how);
}
