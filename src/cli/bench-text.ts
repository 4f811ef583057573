import type { GrowthRow } from "../bench/growth.ts";
import type { BenchReport } from "../bench/report.ts";
import { type Column, textTable } from "./table.ts";

interface Row {
  readonly what: string;
  readonly cluster: string;
  readonly floor: string;
}

/** The figures of a benchmark for people: two tables, one of the load and one of its nodes. */
export function benchText(report: BenchReport): string {
  const { floor, ratioToFloor } = report;
  const head = `${report.transactions} transactions, ${report.concurrency} in flight`;
  const ratio = ratioToFloor === null ? [] : [`ratio to the floor ${ratioToFloor.toFixed(2)}`];
  const row = (what: string, cluster: number | undefined, below: number | undefined): Row => ({
    what,
    cluster: cluster === undefined ? "-" : shown(cluster),
    floor: below === undefined ? "-" : shown(below),
  });
  const { decisionLatencyMs: decision } = report;
  const rows = [
    row("transactions/s", report.throughputPerSecond, floor?.throughputPerSecond),
    ...(["p50", "p95", "p99", "max"] as const).map((quantile) =>
      row(`latency ${quantile} ms`, report.latencyMs[quantile], floor?.latencyMs[quantile]),
    ),
    ...(["p50", "p99"] as const).map((quantile) =>
      row(`decision ${quantile} ms`, decision?.[quantile], undefined),
    ),
    ...COUNTS.map(([what, name]) =>
      row(`${name}/tx`, report.perTransaction[what], floor?.perTransaction[what]),
    ),
  ];
  const columns: readonly Column<Row>[] = [
    { title: "", align: "left", cell: ({ what }) => what },
    { title: "CLUSTER", align: "right", cell: ({ cluster }) => cluster },
    { title: "FLOOR", align: "right", cell: ({ floor: below }) => below },
  ];
  return [head, ...ratio, "", textTable(columns, rows, ""), "", nodesText(report)].join("\n");
}

/** The newest row of a long load, under the titles where it is the first. */
export function growthLines(rows: readonly GrowthRow[]): string {
  const row = rows.at(-1);
  if (row === undefined) return "";
  const nodes = Object.keys(row.cpuMicrosecondsPerTransaction);
  const list = (values: Readonly<Record<string, number>> | null) =>
    nodes.map((name) => (values?.[name] === undefined ? "-" : Math.round(values[name]))).join(" ");
  const cells = [
    row.transactions,
    Math.round(row.throughputPerSecond),
    list(row.cpuMicrosecondsPerTransaction),
    list(row.memoryMiB),
    list(row.logMiB),
    list(row.longestStallMs),
    list(row.longestStallCpuMs),
  ];
  const titles = ["transactions", "tx/s", "CPU µs/tx", "memory MiB", "log MiB", "longest stall ms", "of CPU"];
  const head = `${titles.join(" | ")}   each of ${nodes.join(", ")}\n`;
  return `${rows.length === 1 ? head : ""}${cells.join(" | ")}\n`;
}

const COUNTS = [
  ["recordsAppended", "records"],
  ["recordsForced", "forced"],
  ["syncs", "syncs"],
  ["messages", "messages"],
  ["frames", "frames"],
  ["bytesLogged", "bytes logged"],
  ["bytesSent", "bytes sent"],
] as const;

function nodesText(report: BenchReport): string {
  const { cpuMicrosecondsPerTransaction: cpu, peakMemoryMiB: memory, floor } = report;
  const columns: readonly Column<string>[] = [
    { title: "NODE", align: "left", cell: (name) => name },
    { title: "CPU µs/tx", align: "right", cell: (name) => shown(cpu[name] ?? 0) },
    {
      title: "FLOOR",
      align: "right",
      cell: (name) => shown(floor?.cpuMicrosecondsPerTransaction[name] ?? 0),
    },
    { title: "PEAK MiB", align: "right", cell: (name) => shown(memory[name] ?? 0) },
  ];
  return textTable(columns, Object.keys(cpu), "");
}

function shown(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(2);
}
