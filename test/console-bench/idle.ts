import { openTerminal } from "../screens/terminal.ts";
import { cpuMsOf, pause } from "./process.ts";
import type { Verdict } from "./verdict.ts";

/** Until the garbage of its start has been collected, too: V8 does so some ten seconds after the last of it was made. */
const SETTLE_MS = 30_000;
const WINDOW_MS = 10_000;

/** A console on a real cluster in which nothing happens. Heartbeats go on behind it. */
export async function measureIdle(): Promise<readonly Verdict[]> {
  const terminal = openTerminal({ columns: 120, rows: 40, args: ["--fresh"] });
  await terminal.untilText(/LIVE.*participants 2\/2/);
  await pause(SETTLE_MS);
  // Clear of the minute at which the clock's row is written.
  const intoMinuteMs = Date.now() % 60_000;
  if (intoMinuteMs + WINDOW_MS > 59_000) await pause(60_500 - intoMinuteMs);
  const [bytes, cpuMs] = [terminal.written(), cpuMsOf(terminal.pid)];
  await pause(WINDOW_MS);
  const [moreBytes, moreCpuMs] = [terminal.written() - bytes, cpuMsOf(terminal.pid) - cpuMs];
  terminal.type("\u0003\u0003");
  await terminal.ended;
  return [
    {
      what: "idle for 10 s: bytes written",
      measured: `${moreBytes} bytes`,
      promised: "none but the clock's row, once a minute",
      holds: moreBytes === 0,
    },
    {
      what: "idle for 10 s: processor, heartbeats included",
      measured: `${Math.round(moreCpuMs)} ms`,
      promised: "1% of a core",
      holds: moreCpuMs <= 100,
    },
  ];
}
