import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatTraceLine } from "../../src/codec/trace.ts";
import { traceLinesOf } from "../../src/observe/trace.ts";
import { TRACE_VERSION } from "../../src/schema/trace.ts";
import { createStory, START_MS, tellOrder } from "../console/story.ts";
import { openTerminal, type RealTerminal } from "../screens/terminal.ts";
import { cpuMsOf, median, pause, percentile } from "./process.ts";
import type { Verdict } from "./verdict.ts";

const LINES = Number(process.env.REPLAY_LINES ?? 1_000_000);
const KEYS = 100;
const EMPTY = join(import.meta.dirname, "programs/empty.ts");

/** A trace of a million lines: its first frame, keys while it is read, until it is whole, and steps back from its end. */
export async function measureReplay(): Promise<readonly Verdict[]> {
  const dir = await mkdtemp(join(tmpdir(), "2pc-replay-"));
  try {
    const path = join(dir, "run.jsonl");
    writeTrace(path);
    const parseMs = parseCpuMs(path);
    const emptyMs = await untilShown(
      openTerminal({ columns: 120, rows: 40, program: EMPTY, args: [] }),
      "hello",
    );
    const terminal = openTerminal({ columns: 120, rows: 40, args: ["replay", path] });
    const startMs = performance.now();
    await terminal.untilText("REPLAY");
    const firstMs = performance.now() - startMs;
    const during = await stepTimes(terminal, "}");
    terminal.type("$");
    await terminal.untilText(/event ([\d,. ]+) of \1 /, 180_000);
    await untilGone(terminal, "reading");
    const back = await stepTimes(terminal, "{");
    terminal.type("\u0003\u0003");
    await terminal.ended;
    const reading = openTerminal({ columns: 120, rows: 40, args: ["replay", path] });
    const readStartMs = performance.now();
    await reading.untilText("REPLAY");
    await untilGone(reading, "reading");
    const readMs = performance.now() - readStartMs;
    const cpuMs = cpuMsOf(reading.pid);
    reading.type("\u0003\u0003");
    await reading.ended;
    const share = firstMs / emptyMs;
    return [
      {
        what: `replay of ${LINES} lines: first frame`,
        measured: `${Math.round(firstMs)} ms, an empty Ink program's ${Math.round(emptyMs)} ms`,
        promised: "1000 ms, or 4x the empty one",
        holds: firstMs <= 1_000 || share <= 4,
      },
      keyVerdict("a step forward while it is read", during),
      {
        what: "the whole of it read, in processor time",
        measured: `${(cpuMs / 1000).toFixed(1)} s (${(readMs / 1000).toFixed(1)} s by the clock), ${(cpuMs / parseMs).toFixed(1)}x`,
        promised: "8x what parsing its JSON takes",
        holds: cpuMs <= 8 * parseMs,
      },
      keyVerdict("a step back from its end", back),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function keyVerdict(what: string, milliseconds: readonly number[]): Verdict {
  const p50 = median(milliseconds);
  const p99 = percentile(milliseconds, 0.99);
  return {
    what: `${what}, ${milliseconds.length} keys`,
    measured: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    promised: "p50 30 ms, p99 150 ms",
    holds: p50 <= 30 && p99 <= 150,
  };
}

function writeTrace(path: string): void {
  const file = openSync(path, "w");
  const story = createStory(START_MS, false);
  let waiting = [
    JSON.stringify({ type: "trace", version: TRACE_VERSION, startedAtMs: START_MS, name: "long" }),
  ];
  let lines = 0;
  const flush = (): void => {
    writeSync(file, `${waiting.join("\n")}\n`);
    waiting = [];
  };
  story.watcher.subscribe((update) => {
    for (const line of traceLinesOf(update, story.nowMs())) waiting.push(formatTraceLine(line));
  });
  story.begin();
  for (let counter = 1; lines + waiting.length < LINES; counter += 1) {
    tellOrder(story, counter, counter % 9 === 0 ? "refused" : "committed");
    if (waiting.length < 4_096) continue;
    lines += waiting.length;
    flush();
  }
  flush();
  closeSync(file);
}

/** The floor: nothing but the JSON of every line, in processor time. */
function parseCpuMs(path: string): number {
  const text = readFileSync(path);
  const before = process.cpuUsage();
  let count = 0;
  for (let from = 0, end = text.indexOf(10); end >= 0; from = end + 1, end = text.indexOf(10, from)) {
    if (JSON.parse(text.toString("utf8", from, end)) !== null) count += 1;
  }
  const { user, system } = process.cpuUsage(before);
  if (count < LINES) throw new Error(`the trace has ${count} lines`);
  return (user + system) / 1000;
}

async function untilShown(terminal: RealTerminal, text: string): Promise<number> {
  const startMs = performance.now();
  await terminal.untilText(text);
  const tookMs = performance.now() - startMs;
  terminal.kill();
  await terminal.ended;
  return tookMs;
}

async function untilGone(terminal: RealTerminal, text: string): Promise<void> {
  while (terminal.lines().some((line) => line.includes(text))) await pause(20);
}

/** How long each key takes until the number of the event has changed. */
async function stepTimes(terminal: RealTerminal, key: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < KEYS; index += 1) {
    const before = eventOf(terminal);
    const startMs = performance.now();
    const moved = new Promise<void>((resolve) => {
      const stop = terminal.onDrawn(() => {
        if (eventOf(terminal) === before) return;
        stop();
        resolve();
      });
    });
    terminal.type(key);
    await moved;
    times.push(performance.now() - startMs);
    await pause(7 + ((index * 13) % 29));
  }
  return times;
}

function eventOf(terminal: RealTerminal): string {
  const row = terminal.lines().find((line) => line.startsWith(" event ")) ?? "";
  return row.split(" of ")[0] ?? "";
}
