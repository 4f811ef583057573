import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { LAUNCHER, openTerminal, type RealTerminal } from "../screens/terminal.ts";
import { cpuMsOf, median, pause } from "./process.ts";
import type { Verdict } from "./verdict.ts";

const run = promisify(execFile);
/** Enough for what the nodes spend to be known within a percent or two. */
const ROUNDS = 8;
/** A load of some fifteen seconds: its first tenths of a second are told whole, and the console takes as long as for all the rest. */
const TRANSACTIONS = 128_000;
const SHARE_PROMISED = 0.95;
const COST_PROMISED = 1.05;
/** What the console itself may take of one processor, as under a load that it is told whole. */
const CONSOLE_PROMISED = 0.25;

const TURNS = ["nobody", "console", "stopped"] as const;
type Watching = (typeof TURNS)[number];

interface At {
  readonly url: string;
  readonly tokenFile: string;
}

/** What one load came to. */
interface Rate {
  readonly perSecond: number;
  /** Processor time of all nodes for each transaction, in microseconds. */
  readonly nodeMicros: number;
  /** How much of one processor the console took meanwhile. */
  readonly consoleShare: number;
}

/**
 * Commits a second of a real cluster while nobody watches, while a console is attached, and while that one is stopped as by
 * Ctrl-Z. The three take turns, every other round the other way, so that what else the machine does, and what the nodes have
 * kept by then, falls on all of them.
 */
export function measureThroughput(): Promise<readonly Verdict[]> {
  return withCluster(async (at) => {
    const rates: Record<Watching, Rate[]> = { nobody: [], console: [], stopped: [] };
    // Until all that will be run has been compiled.
    await rateOf(at);
    const first = await attach(at);
    await rateOf(at, first);
    await leave(first);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const watching of round % 2 === 0 ? TURNS : TURNS.toReversed()) {
        // One comes and goes for nobody, too: a node that has just stood idle spends more on what comes next, whoever looks on.
        const came = await attach(at);
        if (watching === "nobody") await leave(came);
        if (watching === "stopped") process.kill(came.pid, "SIGSTOP");
        const watcher = watching === "nobody" ? null : came;
        rates[watching].push(await rateOf(at, watcher));
        if (watcher !== null) await leave(watcher);
      }
    }
    return [
      ...verdicts("a console attached", rates.console, rates.nobody),
      ...verdicts("a stopped console attached", rates.stopped, rates.nobody),
    ];
  });
}

/** One console that is stopped for all of the time, between two whiles without any: what it leaves unread adds up. */
export function measureStopped(stoppedMs: number): Promise<readonly Verdict[]> {
  return withCluster(async (at) => {
    await rateOf(at);
    const before = await ratesFor(at, stoppedMs / 2);
    const terminal = await attach(at);
    process.kill(terminal.pid, "SIGSTOP");
    const during = await ratesFor(at, stoppedMs, terminal);
    await leave(terminal);
    const after = await ratesFor(at, stoppedMs / 2);
    return verdicts(`a console stopped for ${Math.round(stoppedMs / 1000)} s`, during, [...before, ...after]);
  });
}

async function withCluster<Result>(work: (at: At) => Promise<Result>): Promise<Result> {
  // A console that started the nodes would watch them all the time.
  const { claimLocalCluster } = await import(
    new URL("../../dist/cli/local-cluster.js", import.meta.url).href
  );
  const local = await claimLocalCluster(null);
  try {
    await local.cluster.ready();
    return await work({ url: local.cluster.urls()[0], tokenFile: local.tokenFile });
  } finally {
    await local.close();
  }
}

async function attach({ url, tokenFile }: At): Promise<RealTerminal> {
  const terminal = openTerminal({
    columns: 120,
    rows: 40,
    args: ["attach", url, "--token-file", tokenFile],
  });
  await terminal.untilText(/LIVE/);
  await pause(500);
  return terminal;
}

async function leave(terminal: RealTerminal): Promise<void> {
  process.kill(terminal.pid, "SIGCONT");
  terminal.type("\u0003\u0003");
  await terminal.ended;
}

async function ratesFor(at: At, milliseconds: number, console?: RealTerminal): Promise<readonly Rate[]> {
  const rates: Rate[] = [];
  for (const endMs = performance.now() + milliseconds; performance.now() < endMs; ) {
    rates.push(await rateOf(at, console));
  }
  return rates;
}

async function rateOf({ url, tokenFile }: At, terminal: RealTerminal | null = null): Promise<Rate> {
  const load = ["--transactions", String(TRANSACTIONS), "--warm-up", "1000", "--no-floor", "--json"];
  const args = [LAUNCHER, "bench", "--attach", url, "--token-file", tokenFile, ...load];
  const consoleMs = (): number => (terminal === null ? 0 : cpuMsOf(terminal.pid));
  const before = { consoleMs: consoleMs(), atMs: performance.now() };
  const { stdout } = await run(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
  const { throughputPerSecond, cpuMicrosecondsPerTransaction }: Report = JSON.parse(stdout);
  const { client: _, ...nodes } = cpuMicrosecondsPerTransaction;
  const nodeMicros = Object.values(nodes).reduce((sum, micros) => sum + micros, 0);
  const consoleShare = (consoleMs() - before.consoleMs) / (performance.now() - before.atMs);
  return { perSecond: throughputPerSecond, nodeMicros, consoleShare };
}

/** What is read of the load's own report. */
interface Report {
  readonly throughputPerSecond: number;
  readonly cpuMicrosecondsPerTransaction: Readonly<Record<string, number>>;
}

/**
 * By the clock, with nodes, load and console on the same processors. And by what the nodes spend on each commit, round by round
 * beside the one without: that is what watching takes from the cluster, on a machine that has other work as well. What the
 * console spends on itself is no node's time, and has a promise of its own.
 */
function verdicts(what: string, watched: readonly Rate[], alone: readonly Rate[]): readonly Verdict[] {
  const rate = median(watched.map(({ perSecond }) => perSecond));
  const bare = median(alone.map(({ perSecond }) => perSecond));
  const pairsOf = (of: (one: Rate) => number): readonly number[] =>
    watched.flatMap((one, round) => {
      const beside = alone[round] ?? alone.at(-1);
      return beside === undefined ? [] : [of(one) / of(beside)];
    });
  const speeds = pairsOf(({ perSecond }) => perSecond);
  const costs = pairsOf(({ nodeMicros }) => nodeMicros);
  const [speed, cost] = [median(speeds), median(costs)];
  const [speedError, costError] = [errorOfMedian(speeds), errorOfMedian(costs)];
  const micros = (rates: readonly Rate[]): string => median(rates.map((each) => each.nodeMicros)).toFixed(0);
  const share = median(watched.map(({ consoleShare }) => consoleShare));
  return [
    {
      what: `commits/s with ${what}`,
      measured: `${Math.round(rate)} of ${Math.round(bare)}, ${percent(speed)} ±${percent(speedError)}`,
      promised: `${SHARE_PROMISED * 100}% of those without`,
      holds: speed >= SHARE_PROMISED,
      isUndecided: speed + speedError >= SHARE_PROMISED,
    },
    {
      what: "so by the nodes' processor time for each",
      measured: `${micros(watched)} / ${micros(alone)} µs, ${percent(cost - 1)} ±${percent(costError)}`,
      promised: `at most ${percent(COST_PROMISED - 1)} more`,
      holds: cost <= COST_PROMISED,
      isUndecided: cost - costError <= COST_PROMISED,
    },
    // One that is stopped takes none.
    ...(share === 0
      ? []
      : [
          {
            what: "processor of that console meanwhile",
            measured: `${percent(share)} of a core`,
            promised: `${CONSOLE_PROMISED * 100}% of a core`,
            holds: share <= CONSOLE_PROMISED,
          },
        ]),
  ];
}

/** The standard error of a median, by the median of the distances from it, as of values around it that are normal. */
function errorOfMedian(values: readonly number[]): number {
  const middle = median(values);
  const spread = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
  return (1.2533 * spread) / Math.sqrt(values.length);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
