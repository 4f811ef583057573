import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { LAUNCHER, openTerminal, type RealTerminal } from "../screens/terminal.ts";
import { cpuMsOf, cpuMsOfEnded, median, pause } from "./process.ts";
import type { Verdict } from "./verdict.ts";

const run = promisify(execFile);
const ROUNDS = 6;
/** Enough to look at the load and not at its beginning, which is told whole. */
const TRANSACTIONS = 40_000;
const SHARE_PROMISED = 0.95;

const TURNS = ["nobody", "console", "stopped"] as const;
type Watching = (typeof TURNS)[number];

interface At {
  readonly url: string;
  readonly tokenFile: string;
  /** The nodes. */
  readonly pids: readonly number[];
}

/** What one load came to. */
interface Rate {
  readonly perSecond: number;
  /** Processor time of nodes and load together, in milliseconds. */
  readonly cpuMs: number;
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
        const terminal = watching === "nobody" ? null : await attach(at);
        if (watching === "stopped" && terminal !== null) process.kill(terminal.pid, "SIGSTOP");
        rates[watching].push(await rateOf(at, terminal));
        if (terminal !== null) await leave(terminal);
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
    const pids = local.cluster.processes().map(({ pid }: { pid: number }) => pid);
    return await work({ url: local.cluster.urls()[0], tokenFile: local.tokenFile, pids });
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

async function rateOf({ url, tokenFile, pids }: At, terminal: RealTerminal | null = null): Promise<Rate> {
  const load = ["--transactions", String(TRANSACTIONS), "--warm-up", "1000", "--no-floor", "--json"];
  const args = [LAUNCHER, "bench", "--attach", url, "--token-file", tokenFile, ...load];
  const cpuMs = (): number => pids.reduce((sum, pid) => sum + cpuMsOf(pid), cpuMsOfEnded());
  const consoleMs = (): number => (terminal === null ? 0 : cpuMsOf(terminal.pid));
  const before = { cpuMs: cpuMs(), consoleMs: consoleMs(), atMs: performance.now() };
  const { stdout } = await run(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
  const { throughputPerSecond }: { throughputPerSecond: number } = JSON.parse(stdout);
  const consoleShare = (consoleMs() - before.consoleMs) / (performance.now() - before.atMs);
  return { perSecond: throughputPerSecond, cpuMs: cpuMs() - before.cpuMs, consoleShare };
}

/**
 * By the clock; and by what the console leaves of the processors, and nodes take for each commit, which says the same on a
 * machine that has other work as well.
 */
function verdicts(what: string, watched: readonly Rate[], alone: readonly Rate[]): readonly Verdict[] {
  const rate = median(watched.map(({ perSecond }) => perSecond));
  const bare = median(alone.map(({ perSecond }) => perSecond));
  const cpu = median(watched.map(({ cpuMs }) => cpuMs)) / TRANSACTIONS;
  const bareCpu = median(alone.map(({ cpuMs }) => cpuMs)) / TRANSACTIONS;
  const share = median(watched.map(({ consoleShare }) => consoleShare));
  const left = (1 - share / availableParallelism()) * (bareCpu / cpu);
  const promised = `${SHARE_PROMISED * 100}% of those without`;
  return [
    {
      what: `commits/s with ${what}`,
      measured: `${Math.round(rate)} of ${Math.round(bare)}, ${((rate / bare) * 100).toFixed(0)}%`,
      promised,
      holds: rate >= bare * SHARE_PROMISED,
    },
    {
      what: `so by processor time: ${(share * 100).toFixed(1)}% of a core to the console`,
      measured: `${micros(cpu)} / ${micros(bareCpu)} µs each, ${(left * 100).toFixed(0)}%`,
      promised,
      holds: left >= SHARE_PROMISED,
    },
  ];
}

function micros(milliseconds: number): string {
  return (milliseconds * 1000).toFixed(0);
}
