import { formatTraceLine } from "../codec/trace.ts";
import { shellWord } from "../console/shell-word.ts";
import { describeWithoutTime } from "../observe/describe.ts";
import { traceLinesOf } from "../observe/trace.ts";
import { TRACE_VERSION } from "../schema/trace.ts";
import { WORLD_BEGINS_MS } from "../sim/cluster/process.ts";
import { type Simulation, simulateSeed } from "../sim/cluster/simulate.ts";
import type { Onlooker } from "../sim/cluster/world.ts";
import { openOutput } from "./output-file.ts";
import { settle, turnOfLoop } from "./settle.ts";

export interface SimulateOptions {
  /** One seed, with everything that happens in it. */
  readonly seed?: number;
  /** So many seeds, from `from` on. */
  readonly seeds: number;
  readonly from: number;
  readonly trace?: string;
  /** All disks say synced and are not: a fault that must be found. */
  readonly lyingDisk?: boolean;
  readonly json?: boolean;
}

/** Plays one seed aloud, or many. Returns 0 when every invariant held, 1 when one was broken. */
export async function simulateClusters(options: SimulateOptions): Promise<number> {
  return options.seed === undefined ? playMany(options) : playOne(options.seed, options);
}

async function playOne(seed: number, options: SimulateOptions): Promise<number> {
  const { trace, json } = options;
  const file = trace === undefined ? null : openOutput(trace);
  try {
    const tell = json ? () => {} : print;
    const result = await simulateSeed(seed, {
      settle,
      isLying: options.lyingDisk === true,
      onBegin: (knobs) => {
        tell(`seed ${seed} ${JSON.stringify(knobs)}`);
        const header = { type: "trace", version: TRACE_VERSION, startedAtMs: WORLD_BEGINS_MS } as const;
        file?.write(`${formatTraceLine({ ...header, name: `seed ${seed}` })}\n`);
      },
      onlooker: onlookerOf(tell, (line) => file?.write(line)),
    });
    const sums = newSums();
    addTo(sums, result);
    const document = documentOf(sums, null, options);
    if (json) print(JSON.stringify(document, null, 2));
    else print(endOf(result, options));
    return document.ok ? 0 : 1;
  } finally {
    file?.close();
  }
}

/** The lines that the console's log shows, at the time of the simulated world; a trace has all that nodes tell. */
function onlookerOf(tell: (line: string) => void, write: (line: string) => void): Onlooker {
  const timed = (atMs: number, text: string) => tell(`${(atMs / 1_000).toFixed(3).padStart(9)} ${text}`);
  const record = (update: Parameters<typeof traceLinesOf>[0], atMs: number) => {
    for (const line of traceLinesOf(update, WORLD_BEGINS_MS + Math.round(atMs)))
      write(`${formatTraceLine(line)}\n`);
  };
  return {
    update(message, atMs) {
      record(message, atMs);
      if (message.type !== "events") return;
      for (const event of message.events) timed(atMs, describeWithoutTime(event, true));
    },
    say(text, atMs) {
      record({ type: "note", atMs: WORLD_BEGINS_MS + Math.round(atMs), text }, atMs);
      timed(atMs, text);
    },
  };
}

const PROGRESS_MS = 5_000;

/** What is kept of the worlds that were played: sums, and those that are broken. */
interface Sums {
  seeds: number;
  virtualMs: number;
  committed: number;
  aborted: number;
  readonly broken: { readonly seed: number; readonly violations: Simulation["violations"] }[];
}

function newSums(): Sums {
  return { seeds: 0, virtualMs: 0, committed: 0, aborted: 0, broken: [] };
}

function addTo(sums: Sums, { knobs, violations, virtualMs, committed, aborted }: Simulation): void {
  sums.seeds += 1;
  sums.virtualMs += virtualMs;
  sums.committed += committed;
  sums.aborted += aborted;
  if (violations.length > 0) sums.broken.push({ seed: knobs.seed, violations });
}

async function playMany(options: SimulateOptions): Promise<number> {
  const { seeds, from, json } = options;
  const startedMs = performance.now();
  const sums = newSums();
  let toldMs = startedMs;
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = await simulateSeed(seed, {
      settle,
      isLying: options.lyingDisk === true,
      onlooker: null,
    });
    addTo(sums, result);
    await turnOfLoop();
    if (result.violations.length > 0) tell(failureOf(seed, result.violations, options));
    if (performance.now() - toldMs < PROGRESS_MS) continue;
    toldMs = performance.now();
    tell(
      `${sums.seeds} of ${seeds} seeds, ${Math.round((sums.seeds * 1_000) / (toldMs - startedMs))} a second`,
    );
  }
  const document = documentOf(sums, (performance.now() - startedMs) / 1_000, options);
  print(json ? JSON.stringify(document, null, 2) : textOf(document));
  return document.ok ? 0 : 1;
}

function documentOf(sums: Sums, seconds: number | null, options: SimulateOptions) {
  const { seeds, committed, aborted } = sums;
  const virtualSeconds = Math.round(sums.virtualMs / 1_000);
  const failures = sums.broken.map(({ seed, violations }) => ({
    seed,
    ...waysTo(seed, options),
    violations,
  }));
  return {
    ok: failures.length === 0,
    seeds,
    virtualSeconds,
    committed,
    aborted,
    ...(seconds === null
      ? {}
      : {
          seedsPerSecond: Math.round((seeds / seconds) * 10) / 10,
          virtualToReal: Math.round(virtualSeconds / seconds),
        }),
    failures,
  };
}

function textOf(document: ReturnType<typeof documentOf>): string {
  const { seeds, virtualSeconds, committed, aborted, seedsPerSecond, virtualToReal, failures } = document;
  const worlds = `${seeds} seeds, ${virtualSeconds} s of virtual time, ${committed} requests committed, ${aborted} aborted`;
  const speed = `${seedsPerSecond} seeds a second, ${virtualToReal} times real time`;
  const verdict =
    failures.length === 0
      ? "every invariant held"
      : `broken in ${failures.map(({ seed }) => seed).join(", ")}`;
  return `${worlds}\n${speed}\n${verdict}`;
}

function endOf(
  { violations, virtualMs, committed, aborted, knobs }: Simulation,
  options: SimulateOptions,
): string {
  if (violations.length > 0) return failureOf(knobs.seed, violations, options);
  const seconds = Math.round(virtualMs / 1_000);
  return `every invariant held: ${seconds} s of virtual time, ${committed} requests committed, ${aborted} aborted`;
}

function failureOf(seed: number, violations: Simulation["violations"], options: SimulateOptions): string {
  const { open, repeat } = waysTo(seed, options);
  const lines = violations.map(({ invariant, text }) => `broken in seed ${seed}: ${invariant}: ${text}`);
  return [...lines, `open it with: ${open}`, `repeat it with: ${repeat}`].join("\n");
}

/** The commands that show a seed once more: in the console, and here. */
function waysTo(seed: number, { trace, lyingDisk }: SimulateOptions) {
  const repeat = `npx 2pc-console simulate --seed ${seed}${lyingDisk ? " --lying-disk" : ""}`;
  const file = trace ?? `seed-${seed}.jsonl`;
  const open = `npx 2pc-console replay ${shellWord(file)}`;
  return { repeat, open: trace === undefined ? `${repeat} --trace ${file} > /dev/null; ${open}` : open };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
