import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LAUNCHER, openTerminal } from "../screens/terminal.ts";
import { median, pause } from "./process.ts";
import type { Verdict } from "./verdict.ts";

const run = promisify(execFile);
const ROUNDS = 5;
const TRANSACTIONS = 4_000;

type Watching = "nobody" | "console" | "stopped";

/**
 * Commits a second of a real cluster while nobody watches, while a second console is attached, and while that one is
 * stopped as by Ctrl-Z. The three take turns, so that what else the machine does falls on all of them.
 */
export async function measureThroughput(): Promise<readonly Verdict[]> {
  const dir = await mkdtemp(join(tmpdir(), "2pc-console-bench-"));
  const data = join(dir, "data");
  // The nodes are started, and held, by a console that shows as little as it can.
  const holder = openTerminal({ columns: 40, rows: 10, args: ["--data", data] });
  await holder.untilText(/LIVE/);
  await holder.untilText(/part 2\/2/);
  process.kill(holder.pid, "SIGSTOP");
  const { url }: { url: string } = JSON.parse(await readFile(join(data, "cluster.json"), "utf8"));
  const at = { url, tokenFile: join(data, "token") };
  const rates: Record<Watching, number[]> = { nobody: [], console: [], stopped: [] };
  try {
    await rateOf(at);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const watching of ["nobody", "console", "stopped"] as const)
        rates[watching].push(await rateWhile(watching, at));
    }
  } finally {
    process.kill(holder.pid, "SIGCONT");
    holder.type("\u0003\u0003");
    await holder.ended;
    await rm(dir, { recursive: true, force: true });
  }
  const bare = median(rates.nobody);
  return (["console", "stopped"] as const).map((watching) => {
    const rate = median(rates[watching]);
    return {
      what:
        watching === "console"
          ? "commits/s with a console attached"
          : "commits/s with a stopped console attached",
      measured: `${Math.round(rate)} of ${Math.round(bare)}, ${((rate / bare) * 100).toFixed(0)}%`,
      promised: "95% of those without",
      holds: rate >= bare * 0.95,
    };
  });
}

interface At {
  readonly url: string;
  readonly tokenFile: string;
}

async function rateWhile(watching: Watching, at: At): Promise<number> {
  if (watching === "nobody") return rateOf(at);
  const args = ["attach", at.url, "--token-file", at.tokenFile];
  const terminal = openTerminal({ columns: 120, rows: 40, args });
  await terminal.untilText(/LIVE/);
  await pause(500);
  if (watching === "stopped") process.kill(terminal.pid, "SIGSTOP");
  try {
    return await rateOf(at);
  } finally {
    process.kill(terminal.pid, "SIGCONT");
    terminal.type("\u0003\u0003");
    await terminal.ended;
  }
}

async function rateOf({ url, tokenFile }: At): Promise<number> {
  const load = ["--transactions", String(TRANSACTIONS), "--warm-up", "500", "--no-floor", "--json"];
  const args = [LAUNCHER, "bench", "--attach", url, "--token-file", tokenFile, ...load];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
  const { throughputPerSecond }: { throughputPerSecond: number } = JSON.parse(stdout);
  return throughputPerSecond;
}
