import { join } from "node:path";
import { openTerminal, type RealTerminal } from "../screens/terminal.ts";
import { cpuMsOf, median, pause, percentile, residentMiBOf } from "./process.ts";
import type { Verdict } from "./verdict.ts";

const LOAD = join(import.meta.dirname, "programs/load.ts");
const ECHO = join(import.meta.dirname, "programs/echo.ts");
const RATE = 2_000;
const WARM_UP_MS = 30_000;
const CPU_WINDOW_MS = 10_000;
const KEYS = 200;

/** A console that is told 2 000 events a second: keys, processor, memory, and the height of its frames. */
export async function measureUnderLoad(soakMs: number): Promise<readonly Verdict[]> {
  const mute = openTerminal({ columns: 120, rows: 40, program: LOAD, args: [String(RATE), "--mute"] });
  const terminal = openTerminal({ columns: 120, rows: 40, program: LOAD, args: [String(RATE)] });
  await terminal.untilText("LIVE");
  // Until the model is as large as it grows: what is flat can be told only then.
  await pause(WARM_UP_MS);
  const echo = openTerminal({ columns: 120, rows: 40, program: ECHO, args: [] });
  await echo.untilText("ready");
  const keys = await keyTimes(terminal, echo);
  echo.type("\u0003");
  await echo.ended;
  const [telling, both] = await cpuShares([mute, terminal]);
  mute.kill();
  await mute.ended;
  const soak = await residentOver(terminal, soakMs);
  terminal.type("\u0003\u0003");
  await terminal.ended;
  const [p50, floor50] = [median(keys.milliseconds), median(keys.floor)];
  const [p99, floor99] = [percentile(keys.milliseconds, 0.99), percentile(keys.floor, 0.99)];
  const share = both - telling;
  const growth = soak.end / soak.middle - 1;
  return [
    {
      what: `key to screen at ${RATE} events/s, ${KEYS} keys`,
      measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, an echo ${floor50.toFixed(1)} and ${floor99.toFixed(1)}`,
      promised: "p50 15 ms, p99 50 ms more than an echo",
      holds: p50 - floor50 <= 15 && p99 - floor99 <= 50,
    },
    {
      what: "frames taller or shorter than the terminal",
      measured: `${keys.broken} of ${keys.looked}`,
      promised: "none",
      holds: keys.broken === 0,
    },
    {
      what: `processor at ${RATE} events/s`,
      measured: `${percent(share)} of a core`,
      promised: "25% of a core",
      holds: share <= 0.25,
    },
    {
      what: `memory over ${Math.round(soakMs / 1000)} s at that rate`,
      measured: `${Math.round(soak.start)}, ${Math.round(soak.middle)}, ${Math.round(soak.end)} MiB`,
      promised: "flat: at most 10% more in the second half",
      holds: growth <= 0.1,
    },
  ];
}

/**
 * Changes the screen to and fro; a key has arrived when its screen's number is the one that stands out. Each key goes to a
 * program that only echoes as well: what that takes, the machine and the measuring take.
 */
async function keyTimes(terminal: RealTerminal, echo: RealTerminal) {
  const milliseconds: number[] = [];
  const floor: number[] = [];
  let looked = 0;
  let broken = 0;
  const cancel = terminal.onDrawn(() => {
    looked += 1;
    const lines = terminal.lines();
    if (!lines[0]?.includes("2pc-console") || !lines.at(-1)?.startsWith("? help")) broken += 1;
  });
  for (let index = 0; index < KEYS; index += 1) {
    const key = index % 2 === 0 ? "2" : "1";
    floor.push(await keyTime(echo, key));
    milliseconds.push(await keyTime(terminal, key));
    // Out of step with the console's own rhythm.
    await pause(37 + ((index * 53) % 61));
  }
  cancel();
  return { milliseconds, floor, looked, broken };
}

/** From the typing of a key until it is drawn, in milliseconds. */
async function keyTime(terminal: RealTerminal, key: string): Promise<number> {
  const startMs = performance.now();
  const shown = new Promise<void>((resolve) => {
    const stop = terminal.onDrawn(() => {
      if (chosenScreen(terminal) !== key) return;
      stop();
      resolve();
    });
  });
  terminal.type(key);
  await shown;
  return performance.now() - startMs;
}

function chosenScreen(terminal: RealTerminal): string {
  const row = terminal.cells()[1] ?? [];
  return row
    .filter((cell) => cell.inverse)
    .map((cell) => cell.text)
    .join("")
    .trim()
    .slice(0, 1);
}

async function cpuShares(terminals: readonly RealTerminal[]): Promise<readonly [number, number]> {
  const before = terminals.map(({ pid }) => cpuMsOf(pid));
  await pause(CPU_WINDOW_MS);
  const shares = terminals.map(({ pid }, index) => (cpuMsOf(pid) - (before[index] ?? 0)) / CPU_WINDOW_MS);
  return [shares[0] ?? 0, shares[1] ?? 0];
}

async function residentOver({ pid }: RealTerminal, soakMs: number) {
  const start = residentMiBOf(pid);
  await pause(soakMs / 2);
  const middle = residentMiBOf(pid);
  await pause(soakMs / 2);
  return { start, middle, end: residentMiBOf(pid) };
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
