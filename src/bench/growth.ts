import { directoryBytes } from "../drivers/directory-bytes.ts";
import type { NodeFigures } from "../schema/views.ts";
import type { LoadRun } from "./job.ts";
import { rounded } from "./report.ts";

/** A stretch of a long load, and how large its nodes are at the end of it. */
export interface GrowthRow {
  /** All that were measured so far, this stretch included. */
  readonly transactions: number;
  readonly throughputPerSecond: number;
  /** By node, as everything below. */
  readonly cpuMicrosecondsPerTransaction: Readonly<Record<string, number>>;
  readonly memoryMiB: Readonly<Record<string, number>>;
  /** What the node's log takes on its disk, checkpoint and pages included; null where it is not on this machine. */
  readonly logMiB: Readonly<Record<string, number>> | null;
  /** The longest time that a node's loop did not turn. */
  readonly longestStallMs: Readonly<Record<string, number>>;
  /** The most that a loop computed while it was late: what neighbours took is not in it. */
  readonly longestStallCpuMs: Readonly<Record<string, number>>;
}

/** `dirs` is where the nodes keep their logs, by name; null where that is not known. */
export async function growthRow(
  before: number,
  { transactions, seconds, spent }: LoadRun,
  dirs: Readonly<Record<string, string>> | null,
): Promise<GrowthRow> {
  const each = (value: (figures: NodeFigures) => number) =>
    Object.fromEntries(Object.entries(spent).map(([name, figures]) => [name, rounded(value(figures))]));
  return {
    transactions: before + transactions,
    throughputPerSecond: rounded(transactions / seconds),
    cpuMicrosecondsPerTransaction: each(({ cpuMicroseconds }) => cpuMicroseconds / transactions),
    memoryMiB: each(({ memoryMiB }) => memoryMiB),
    logMiB: dirs === null ? null : await logSizes(dirs),
    longestStallMs: each(({ stall }) => stall?.clockMs ?? 0),
    longestStallCpuMs: each(({ stall }) => stall?.cpuMs ?? 0),
  };
}

async function logSizes(dirs: Readonly<Record<string, string>>): Promise<Readonly<Record<string, number>>> {
  const sizes = Object.entries(dirs).map(
    async ([name, dir]) => [name, rounded((await directoryBytes(dir)) / 2 ** 20)] as const,
  );
  return Object.fromEntries(await Promise.all(sizes));
}
