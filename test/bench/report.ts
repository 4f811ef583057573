import { spawnSync } from "node:child_process";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import type { BenchReport } from "../../src/bench/report.ts";
import { writeSection } from "../docs/section.ts";
import type { PostgresRun } from "./postgres-load.ts";

// `npm run bench:report`: writes the table of the README between its markers, from three rounds of the cluster, its floor and
// PostgreSQL side by side. Each figure is the median of the rounds.

const ROOT = join(import.meta.dirname, "../..");
const ROUNDS = 3;
/** How many transactions are measured with so many in flight. */
const STEPS: readonly (readonly [concurrency: number, transactions: number])[] = [
  [1, 6_000],
  [8, 12_000],
  [64, 40_000],
  [256, 150_000],
  [1_024, 200_000],
];

interface Postgres {
  readonly version: string;
  readonly best: PostgresRun;
  readonly runs: readonly PostgresRun[];
}

function runJson<Document>(script: string, args: readonly string[]): Document {
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, script), ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`${script} ${args.join(" ")} ended with ${status}`);
  return JSON.parse(stdout);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function measureRound(): { readonly reports: readonly BenchReport[]; readonly postgres: Postgres } {
  const reports = STEPS.map(([concurrency, transactions]) => {
    const load = ["--concurrency", String(concurrency), "--transactions", String(transactions)];
    return runJson<BenchReport>("bin/2pc-console.js", ["bench", "--json", ...load]);
  });
  return { reports, postgres: runJson<Postgres>("test/bench/postgres.ts", []) };
}

function tableOf(rounds: readonly ReturnType<typeof measureRound>[]): string {
  const head = [
    "in flight",
    "transactions/s",
    "floor/s",
    "ratio",
    "p50 ms",
    "p99 ms",
    "syncs each",
    "CPU µs each",
    "PostgreSQL/s",
  ];
  const rows = STEPS.map(([concurrency], place) => {
    const reports = rounds.flatMap(({ reports: all }) => all[place] ?? []);
    const of = (value: (report: BenchReport) => number) => median(reports.map(value));
    const beside = rounds.flatMap(({ postgres }) =>
      postgres.runs.filter((run) => run.concurrency === concurrency),
    );
    return [
      thousands(concurrency),
      thousands(of((report) => report.throughputPerSecond)),
      thousands(of((report) => report.floor?.throughputPerSecond ?? Number.NaN)),
      of((report) => report.ratioToFloor ?? Number.NaN).toFixed(2),
      of((report) => report.latencyMs.p50).toFixed(1),
      of((report) => report.latencyMs.p99).toFixed(1),
      of((report) => report.perTransaction.syncs).toFixed(3),
      thousands(of((report) => sum(Object.values(report.cpuMicrosecondsPerTransaction)))),
      beside.length === 0 ? "–" : thousands(median(beside.map((run) => run.throughputPerSecond))),
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "--:").join("|")}|`, ...rows.map(line)].join("\n");
}

function bestOf(rounds: readonly ReturnType<typeof measureRound>[]): string {
  const best = rounds.map(({ postgres }) => postgres.best);
  const perSecond = median(best.map((run) => run.throughputPerSecond));
  const places = best.map((run) => run.concurrency);
  const inFlight = [...new Set([Math.min(...places), Math.max(...places)])].join(" to ");
  const ours = median(
    rounds
      .flatMap(({ reports }) => reports.filter((report) => report.concurrency === 256))
      .map((report) => report.throughputPerSecond),
  );
  const version = rounds[0]?.postgres.version ?? "";
  return `PostgreSQL ${version} is best with ${inFlight} in flight: ${thousands(perSecond)} a second. With 256 in flight the cluster does ${(ours / perSecond).toFixed(1)} times that.`;
}

function machine(): string {
  const [cpu] = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const load = Math.round(loadavg()[1] ?? 0);
  return `Measured on ${cpus().length} cores (${cpu?.model.trim()}), ${gibibytes} GiB, ${platform()} ${release()} ${arch()}, Node ${process.versions.node}; load average at the end ${load}. Medians of ${ROUNDS} rounds.`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function thousands(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, " ");
}

const rounds = Array.from({ length: ROUNDS }, measureRound);
const fresh = [tableOf(rounds), bestOf(rounds), machine()].join("\n\n");
writeSection("bench", fresh);
process.stdout.write(`${fresh}\n`);
