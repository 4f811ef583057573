import { TpcError } from "../core/errors.ts";
import { startFloor } from "./floor/start-floor.ts";
import type { LoadJob, LoadResult, LoadRun } from "./job.ts";
import type { WorkerRole } from "./worker.ts";
import { startWorker, type WorkerProcess } from "./worker-process.ts";

/** A load on a cluster that runs, and where its floor may be measured. */
export interface Measurement extends LoadJob {
  readonly transactions: number;
  /** Transactions before anything is measured. */
  readonly warmUp: number;
  /** An empty directory on the disk of the floor; null to measure none. */
  readonly floorDir: string | null;
  /** The program, which is started again for every process. */
  readonly entry: string;
  readonly onProgress: (progress: Progress) => void;
  /** Called after every `step` transactions of the cluster, and waited for; null where only the end counts. */
  readonly growth: { readonly step: number; readonly onStep: (run: LoadRun) => Promise<void> } | null;
  /** Rejects when the cluster cannot bear the load any more, such as when a node has died. */
  readonly failed: Promise<never>;
}

export interface Progress {
  readonly what: "cluster" | "floor";
  readonly phase: "warming up" | "measuring";
  readonly done: number;
  readonly of: number;
}

export interface Measured {
  readonly cluster: LoadResult;
  readonly floor: LoadResult | null;
}

/**
 * Cluster and floor take turns this often, and turns in who goes first, so that what else the machine does falls on both, and a
 * machine that slows down or speeds up favours neither.
 */
const TURNS = 8;

/**
 * Measures the cluster and its floor, each loaded by a process of its own. Everything that was started has ended when this
 * resolves or rejects. Rejects with what a process failed with.
 */
export async function measure(measurement: Measurement): Promise<Measured> {
  const { floorDir, coordinators, participants, entry } = measurement;
  const ends: (() => Promise<void>)[] = [];
  try {
    const cluster = await startLoad(measurement, "load", measurement, ends);
    let floor: Loaded | null = null;
    if (floorDir !== null) {
      const namesOf = (nodes: LoadJob["coordinators"]) => nodes.map(({ name }) => name);
      const names = { coordinators: namesOf(coordinators), participants: namesOf(participants) };
      const nodes = await startFloor(entry, floorDir, names);
      ends.push(nodes.end);
      floor = await startLoad(measurement, "floor-load", nodes, ends);
    }
    // Whatever is started has been: what a failure leaves behind would have nobody to end it.
    return await Promise.race([loadInTurns(measurement, cluster, floor), measurement.failed]);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function loadInTurns(
  measurement: Measurement,
  cluster: Loaded,
  floor: Loaded | null,
): Promise<Measured> {
  await cluster.warmUp();
  await floor?.warmUp();
  const loadCluster = async (count: number) => {
    const ran = await cluster.run(count);
    await measurement.growth?.onStep(ran);
  };
  const loadFloor = async (count: number) => {
    await floor?.run(count);
  };
  for (const [turn, share] of sharesOf(measurement).entries()) {
    const loads = turn % 2 === 0 ? [loadCluster, loadFloor] : [loadFloor, loadCluster];
    for (const load of loads) await load(share);
  }
  return { cluster: await cluster.finish(), floor: (await floor?.finish()) ?? null };
}

function sharesOf({ transactions, growth }: Measurement): readonly number[] {
  const turns = growth === null ? TURNS : Math.ceil(transactions / growth.step);
  const until = (turn: number) =>
    growth === null ? Math.floor((transactions * turn) / TURNS) : Math.min(transactions, growth.step * turn);
  const shares = Array.from({ length: turns }, (_, turn) => until(turn + 1) - until(turn));
  return shares.filter((count) => count > 0);
}

interface Loaded {
  warmUp(): Promise<void>;
  run(transactions: number): Promise<LoadRun>;
  finish(): Promise<LoadResult>;
}

async function startLoad(
  measurement: Measurement,
  role: WorkerRole,
  nodes: Pick<LoadJob, "coordinators" | "participants">,
  ends: (() => Promise<void>)[],
): Promise<Loaded> {
  const { shape, token, transactions, warmUp, onProgress } = measurement;
  const { coordinators, participants } = nodes;
  const process = startWorker(measurement.entry, role, { shape, token, coordinators, participants });
  ends.push(process.end);
  await expectLine(process, "ready");
  const what = role === "load" ? "cluster" : "floor";
  let before = 0;

  const run = async (count: number, measured: boolean) => {
    const phase = measured ? "measuring" : "warming up";
    const of = measured ? transactions : warmUp;
    process.onProgress((done) => onProgress({ what, phase, done: before + done, of }));
    process.tell({ type: "run", transactions: count, measured });
    const ran = await expectLine(process, "ran");
    if (measured) before += count;
    return ran.run;
  };

  return {
    async warmUp() {
      if (warmUp > 0) await run(warmUp, false);
    },
    run: (count) => run(count, true),
    async finish() {
      process.tell({ type: "finish" });
      return (await expectLine(process, "result")).result;
    },
  };
}

async function expectLine<Type extends "ready" | "ran" | "result">(process: WorkerProcess, type: Type) {
  const line = await process.next();
  if (isOfType(line, type)) return line;
  throw new TpcError("TPC_INTERNAL", `a process of the benchmark said ${line.type} in place of ${type}`);
}

function isOfType<Line extends { readonly type: string }, Type extends Line["type"]>(
  line: Line,
  type: Type,
): line is Extract<Line, { readonly type: Type }> {
  return line.type === type;
}
