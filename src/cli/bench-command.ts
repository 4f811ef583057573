import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type GrowthRow, growthRow } from "../bench/growth.ts";
import type { LoadJob, LoadRun, LoadShape, NodeAt } from "../bench/job.ts";
import { type Measured, measure, type Progress } from "../bench/measure.ts";
import { type BenchReport, reportOf } from "../bench/report.ts";
import { benchNodes } from "../bench/seeds.ts";
import { connect } from "../client/connect.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { TpcError } from "../core/errors.ts";
import { logPathOf } from "../log/layout.ts";
import type { NodeName } from "../schema/ids.ts";
import type { NodeKind } from "../schema/views.ts";
import { benchText, growthLines } from "./bench-text.ts";
import { onEndSignals } from "./end-signals.ts";
import { claimLocalCluster, ENTRY } from "./local-cluster.ts";
import { findClusterToken } from "./open-client.ts";

export interface BenchCommandOptions {
  readonly transactions: number;
  readonly concurrency: number;
  readonly openLoop?: number;
  readonly participants: number;
  readonly coordinators: number;
  readonly hot?: boolean;
  readonly abortRate: number;
  readonly readOnlyShare: number;
  readonly warmUp?: number;
  readonly growth?: number;
  readonly floor: boolean;
  readonly data?: string;
  readonly attach?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/** A cluster that is loaded, however it was come by. */
interface Loaded extends Pick<LoadJob, "coordinators" | "participants" | "token"> {
  /** Where the nodes keep their logs, by name; null where that is not known. */
  readonly dirs: Readonly<Record<string, string>> | null;
  /** Rejects with TPC_NODE_FAILED when one of its nodes ends; never, where another supervises it. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/**
 * Warm-up of a cluster of its own where none is asked for: enough for the compiler to be done with it, with at least so many in
 * flight that this does not take long. The compiler is not done before a node's tables are full, which hold 20 000 requests, and
 * what forgets the oldest has run as often as the rest. Somebody else's cluster is not loaded more than it is asked to be.
 */
const WARM_UP = 60_000;
const WARM_UP_CONCURRENCY_MIN = 256;
const WARM_UP_ATTACHED_MAX = 5_000;
const PROGRESS_MS = 1_000;

/** Loads a cluster and its floor and prints the figures. Returns 1 when transactions ended otherwise than planned. */
export async function runBench(options: BenchCommandOptions): Promise<number> {
  const shape = shapeOf(options);
  const scratch = await makeScratch(options.data);
  let loaded: Loaded | null = null;
  const close = async () => {
    await loaded?.close();
    await rm(scratch, { recursive: true, force: true });
  };
  const stopListening = onEndSignals(close);
  try {
    loaded =
      options.attach === undefined
        ? await openLocal(options, scratch)
        : await openAttached(options.attach, options);
    const dirs = loaded.dirs;
    const growth: GrowthRow[] = [];
    const onStep = async (run: LoadRun) => {
      growth.push(await growthRow(growth.at(-1)?.transactions ?? 0, run, dirs));
      process.stderr.write(growthLines(growth));
    };
    const floorDir = join(scratch, "floor");
    await mkdir(floorDir);
    const measured = await measure({
      shape,
      coordinators: loaded.coordinators,
      participants: loaded.participants,
      token: loaded.token,
      transactions: options.transactions,
      warmUp: options.warmUp ?? defaultWarmUp(options),
      floorDir: options.floor ? floorDir : null,
      entry: ENTRY,
      onProgress: progressLines(),
      growth: options.growth === undefined ? null : { step: options.growth, onStep },
      failed: loaded.failed,
    });
    const rows = options.growth === undefined ? null : growth;
    return tell(reportOf(measured, shape.openLoopRate !== null, rows), measured, options.json ?? false);
  } finally {
    await close();
    stopListening();
  }
}

function defaultWarmUp({ attach, transactions }: BenchCommandOptions): number {
  return attach === undefined ? WARM_UP : Math.min(WARM_UP_ATTACHED_MAX, transactions);
}

function shapeOf(options: BenchCommandOptions): LoadShape {
  const { concurrency, abortRate, readOnlyShare, hot = false, openLoop = null } = options;
  if (abortRate + readOnlyShare > 1) {
    throw new TpcError("TPC_USAGE", "--abort-rate and --read-only-share are more than 1 together");
  }
  if (options.data !== undefined && options.attach !== undefined) {
    throw new TpcError("TPC_USAGE", "--data and --attach exclude each other");
  }
  const isOwn = options.attach === undefined;
  const warmUpConcurrency = isOwn ? Math.max(concurrency, WARM_UP_CONCURRENCY_MIN) : concurrency;
  const stalls = options.growth !== undefined;
  return { concurrency, warmUpConcurrency, openLoopRate: openLoop, hot, stalls, abortRate, readOnlyShare };
}

/** Beside the cluster's own directory, so that the floor's files are on the same disk. */
async function makeScratch(data: string | undefined): Promise<string> {
  const parent = data === undefined ? tmpdir() : dirname(resolve(data));
  try {
    return await mkdtemp(join(parent, "2pc-console-bench-"));
  } catch (error) {
    throw new TpcError("TPC_DATA_DIR", `${parent}: no temporary directory can be made`, { cause: error });
  }
}

async function openLocal(options: BenchCommandOptions, scratch: string): Promise<Loaded> {
  const nodes = await benchNodes(scratch, options.participants, options.coordinators);
  const dir = options.data ?? join(scratch, "cluster");
  const local = await claimLocalCluster(dir, {
    nodes,
    faultInjection: false,
  });
  try {
    await local.cluster.ready();
    const views = local.cluster.processes().map(({ name, kind, url }) => ({ name, kind, url: url ?? "" }));
    const dirs = Object.fromEntries(views.map(({ name }) => [name, logPathOf(join(dir, name))]));
    const failed = whenOneEnds(local.cluster);
    const loaded = { ...splitByKind(views), token: local.token, dirs, failed, close: () => local.close() };
    await untilConnected(loaded);
    return loaded;
  } catch (error) {
    await local.close();
    throw error;
  }
}

function whenOneEnds(cluster: Cluster): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    cluster.onChange(({ name, state, exit }) => {
      if (state !== "down") return;
      const how = exit?.signal ?? `exit status ${exit?.code}`;
      reject(new TpcError("TPC_NODE_FAILED", `${name} ended with ${how} under the load`));
    });
  });
  // In the end all of them do, and nobody waits any more.
  failed.catch(() => {});
  return failed;
}

async function openAttached(url: string, options: BenchCommandOptions): Promise<Loaded> {
  const { tokenFile } = options;
  const token = await findClusterToken(tokenFile === undefined ? { to: url } : { to: url, tokenFile });
  const client = await connect(url, { token });
  const view = await client.nodeView();
  client.close();
  const { coordinators, participants } = splitByKind([{ ...view, url }, ...view.peers]);
  const some = (nodes: readonly NodeAt[], count: number, what: string) => {
    if (nodes.length >= count) return nodes.slice(0, count);
    throw new TpcError("TPC_USAGE", `${view.name} knows ${nodes.length} ${what}, not ${count}`);
  };
  return {
    coordinators: some(coordinators, options.coordinators, "coordinators"),
    participants: some(participants, options.participants, "participants"),
    token,
    dirs: null,
    failed: new Promise(() => {}),
    close: async () => {},
  };
}

function splitByKind(
  nodes: readonly { readonly name: NodeName; readonly kind: NodeKind; readonly url: string }[],
): Pick<LoadJob, "coordinators" | "participants"> {
  const at = (isWanted: (kind: NodeKind) => boolean) =>
    nodes.filter(({ kind }) => isWanted(kind)).map(({ name, url }) => ({ name, url }));
  return {
    coordinators: at((kind) => kind === "coordinator"),
    participants: at((kind) => kind !== "coordinator"),
  };
}

const CONNECT_POLL_MS = 20;
const CONNECT_MS_MAX = 10_000;

/** A transaction that finds a participant unregistered is tried again: that would be measured as well. */
async function untilConnected({ coordinators, participants, token }: Loaded): Promise<void> {
  const untilMs = performance.now() + CONNECT_MS_MAX;
  for (const { name, url } of coordinators) {
    const client = await connect(url, { token });
    for (;;) {
      const { peers } = await client.nodeView();
      const connected = new Set(peers.filter((peer) => peer.connected).map((peer) => peer.name));
      if (participants.every((participant) => connected.has(participant.name))) break;
      if (performance.now() > untilMs) {
        throw new TpcError("TPC_UNREACHABLE", `not every participant has registered with ${name}`);
      }
      await new Promise((resolve) => setTimeout(resolve, CONNECT_POLL_MS));
    }
    client.close();
  }
}

/** Lines on standard error, at most one a second. */
function progressLines(): (progress: Progress) => void {
  let saidMs = Number.NEGATIVE_INFINITY;
  return ({ what, phase, done, of }) => {
    if (performance.now() - saidMs < PROGRESS_MS) return;
    saidMs = performance.now();
    process.stderr.write(`${phase} the ${what}: ${done} of ${of} transactions\n`);
  };
}

function tell(report: BenchReport, measured: Measured, json: boolean): number {
  const { unplanned, transactions } = measured.cluster;
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : benchText(report)}\n`);
  if (unplanned === 0) return 0;
  process.stderr.write(`${unplanned} of ${transactions} transactions ended otherwise than planned\n`);
  return 1;
}
