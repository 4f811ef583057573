import type { NodeFigures } from "../schema/views.ts";
import type { GrowthRow } from "./growth.ts";
import type { Quantiles } from "./histogram.ts";
import type { LoadResult } from "./job.ts";
import type { Measured } from "./measure.ts";

/** What all nodes together spend on one transaction. */
type PerTransaction = Readonly<Record<(typeof COUNTED)[number], number>>;

const COUNTED = [
  "recordsAppended",
  "recordsForced",
  "syncs",
  "messages",
  "frames",
  "bytesLogged",
  "bytesSent",
] as const satisfies readonly (keyof NodeFigures)[];

interface LoadReport {
  readonly throughputPerSecond: number;
  readonly latencyMs: Quantiles;
  readonly perTransaction: PerTransaction;
  readonly cpuMicrosecondsPerTransaction: Readonly<Record<string, number>>;
  readonly peakMemoryMiB: Readonly<Record<string, number>>;
}

/** The document of `bench --json`. */
export interface BenchReport extends LoadReport {
  readonly transactions: number;
  /** The most transactions that were in flight at once. */
  readonly concurrency: number;
  readonly decisionLatencyMs: Quantiles | null;
  readonly floor: LoadReport | null;
  /** In a closed loop the throughput as a share of the floor's; in an open one the floor's median latency as a share of this. */
  readonly ratioToFloor: number | null;
  /** How the cluster grows with what it has done; absent where nobody asked. */
  readonly growth?: readonly GrowthRow[];
}

export function reportOf(
  { cluster, floor }: Measured,
  isOpenLoop: boolean,
  growth: readonly GrowthRow[] | null,
): BenchReport {
  const { throughputPerSecond, latencyMs, ...spent } = loadReport(cluster);
  const beneath = floor === null ? null : loadReport(floor);
  const ratio = (below: LoadReport) =>
    isOpenLoop
      ? below.latencyMs.p50 / cluster.latencyMs.p50
      : below.throughputPerSecond && cluster.transactions / cluster.seconds / below.throughputPerSecond;
  const { decisionLatencyMs } = cluster;
  return {
    transactions: cluster.transactions,
    concurrency: cluster.inFlightMax,
    throughputPerSecond,
    latencyMs,
    decisionLatencyMs: decisionLatencyMs === null ? null : roundedQuantiles(decisionLatencyMs),
    ...spent,
    floor: beneath,
    ratioToFloor: beneath === null ? null : rounded(ratio(beneath)),
    ...(growth === null ? {} : { growth }),
  };
}

function loadReport({ transactions, seconds, latencyMs, spent }: LoadResult): LoadReport {
  const nodes = Object.entries(spent);
  const each = (value: (figures: NodeFigures) => number) =>
    Object.fromEntries(nodes.map(([name, figures]) => [name, rounded(value(figures))]));
  return {
    throughputPerSecond: rounded(transactions / seconds),
    latencyMs: roundedQuantiles(latencyMs),
    perTransaction: perTransaction(Object.values(spent), transactions),
    cpuMicrosecondsPerTransaction: each(({ cpuMicroseconds }) => cpuMicroseconds / transactions),
    peakMemoryMiB: each(({ peakMemoryMiB }) => peakMemoryMiB),
  };
}

function perTransaction(nodes: readonly NodeFigures[], transactions: number): PerTransaction {
  const total = (what: (typeof COUNTED)[number]) => nodes.reduce((sum, figures) => sum + figures[what], 0);
  const each = (what: (typeof COUNTED)[number]) => rounded(total(what) / transactions);
  return {
    recordsAppended: each("recordsAppended"),
    recordsForced: each("recordsForced"),
    syncs: each("syncs"),
    messages: each("messages"),
    frames: each("frames"),
    bytesLogged: each("bytesLogged"),
    bytesSent: each("bytesSent"),
  };
}

function roundedQuantiles({ p50, p95, p99, max }: Quantiles): Quantiles {
  return { p50: rounded(p50), p95: rounded(p95), p99: rounded(p99), max: rounded(max) };
}

/** To a thousandth. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
