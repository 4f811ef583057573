import { spawn } from "node:child_process";
import { totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { keepExtent, optionsOf } from "../extents.ts";
import { argumentsOf, LONG_RUNS, type LongRun } from "../long-runs.ts";

// Explores the long runs one after the other, or those whose names hold the argument, by the program itself, each in a
// process of its own. `--minutes N` is the time of all of them together, a night of eight hours where it is left out: each may take
// its share of what is left of it, is then told to stop, and says how far it came. Ends with 1 when anything is broken. With DOCS_UPDATE=1
// what came of it is kept in extents.json, of which the README's table is made.

/** A week. */
const MINUTES_MAX = 10_080;
const { values, positionals } = parseArgs({
  options: { minutes: { type: "string", default: "480" } },
  allowPositionals: true,
});
const minutes = Number(values.minutes);
if (!(minutes > 0 && minutes <= MINUTES_MAX)) {
  process.stderr.write(`--minutes ${values.minutes}: it should be a number, at most ${MINUTES_MAX}\n`);
  process.exit(64);
}

const LAUNCHER = join(import.meta.dirname, "../../../../bin/2pc-console.js");
/** What the heap may be larger than what the part may hold, so that the part's own bound is met first. */
const HEAP_SLACK = 1.5;
const SHARE_OF_MACHINE = 0.75;
const endsAtMs = performance.now() + minutes * 60_000;
const machineMiB = Math.floor((totalmem() / 2 ** 20) * SHARE_OF_MACHINE);
const parts = LONG_RUNS.filter(({ name }) => name.includes(positionals[0] ?? "")).map((part) => ({
  ...part,
  memoryMax: Math.min(part.memoryMax, machineMiB),
}));

say(`${parts.length} parts, ${minutes} minutes in all, one after the other:`);
for (const { name, statesMax, memoryMax } of parts)
  say(`  ${name}: at most ${statesMax} states, ${memoryMax} MiB`);
for (const [index, part] of parts.entries()) {
  const leftMs = endsAtMs - performance.now();
  await run(part, leftMs / (parts.length - index));
}

interface Answer {
  readonly distinctStates: number;
  readonly generatedStates: number;
  readonly depth: number;
  readonly statesPerSecond: number;
  readonly isComplete: boolean;
  readonly endedBy?: string;
  readonly memoryPeakMiB: number;
  readonly violations: readonly { readonly invariant: string; readonly story: string }[];
}

async function run(part: LongRun, withinMs: number): Promise<void> {
  const startedMs = performance.now();
  say(`\n${part.name}\n  2pc-console ${argumentsOf(part).join(" ")}`);
  const heapMiB = Math.ceil(part.memoryMax * HEAP_SLACK);
  const child = spawn(process.execPath, [LAUNCHER, ...argumentsOf(part), "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: `--max-old-space-size=${heapMiB}` },
  });
  const tooLate = setTimeout(() => child.kill("SIGINT"), withinMs);
  let [stdout, lastWords, statesMost] = ["", "", 0];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    lastWords = chunk.toString().trimEnd();
    statesMost = Math.max(statesMost, Number.parseInt(lastWords, 10) || 0);
    process.stderr.write(`${part.name}: ${lastWords}\n`);
  });
  const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, by) => resolve(by));
  });
  clearTimeout(tooLate);
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  if (stdout === "") {
    process.exitCode = 1;
    return say(`  FAILED after ${seconds} s${signal ? `, by ${signal}` : ""}: ${lastWords}`);
  }
  const answer: Answer = JSON.parse(stdout);
  tell(answer, statesMost, seconds);
  if (process.env.DOCS_UPDATE === "1" && answer.violations.length === 0) keep(part, answer);
}

function keep(part: LongRun, answer: Answer): void {
  const { distinctStates, generatedStates, depth, statesPerSecond, memoryPeakMiB } = answer;
  const extent = { distinctStates, generatedStates, depth, statesPerSecond, memoryPeakMiB };
  keepExtent(part.name, { asked: optionsOf(argumentsOf(part)), ...extent, endedBy: whyEnded(answer) });
}

/** Null where nothing was left to visit. */
function whyEnded({ isComplete, endedBy = "a violation" }: Answer): string | null {
  if (isComplete) return null;
  return endedBy === "a signal" ? "the time" : endedBy;
}

/** What is learned on the way makes an exploration begin anew: what it had visited before may have been more. */
function tell(answer: Answer, statesMost: number, seconds: number): void {
  const { distinctStates, generatedStates, depth, memoryPeakMiB, violations } = answer;
  const extent = `${distinctStates} states, ${generatedStates} generated, depth ${depth}; ${seconds} s, ${memoryPeakMiB} MiB at most`;
  for (const { invariant, story } of violations) {
    process.exitCode = 1;
    say(`  BROKEN: ${invariant}\n\n${story}`);
  }
  if (violations.length > 0) return say(`  BROKEN after ${extent}`);
  if (answer.isComplete) return say(`  complete: ${extent}; every invariant holds`);
  const before = statesMost > distinctStates ? `, and ${statesMost} before it began anew` : "";
  say(`  STOPPED by ${whyEnded(answer)} at ${extent}${before}; every invariant holds so far`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
