import { basename } from "node:path";
import { printable, printableJson } from "../codec/printable.ts";
import { runConsole } from "../console/run-console.tsx";
import { TpcError } from "../core/errors.ts";
import { describeEvent } from "../observe/describe.ts";
import { timeOfDayMs } from "../observe/figures.ts";
import type { Operator } from "../observe/ports.ts";
import type { Replay } from "../observe/replay/replay.ts";
import type { TraceLine } from "../schema/trace.ts";
import { type LookOptions, terminal } from "./console-command.ts";
import { onEndSignals } from "./end-signals.ts";
import { openTrace } from "./trace-replay.ts";
import { createTally } from "./trace-tally.ts";
import { userName } from "./user-name.ts";

export interface ReplayOptions extends LookOptions {
  readonly json?: boolean;
}

/** Shows the console on a recorded run; without a terminal the run as text, with `json` what it holds in figures. */
export async function replayTrace(path: string, options: ReplayOptions): Promise<number> {
  if (options.json) return printSummary(path);
  if (!process.stdin.isTTY || !process.stdout.isTTY) return printLines(path);
  const look = terminal(options, true);
  const trace = await openTrace(path);
  const stopListening = onEndSignals(async () => trace.close());
  try {
    await runConsole({
      watcher: { subscribe: () => () => {} },
      operator: NOBODY,
      cluster: null,
      replay: trace.replay,
      clusterName: trace.header.name ?? basename(path),
      tokenFile: null,
      readOnly: true,
      userName: userName(),
      ...look,
    });
  } finally {
    stopListening();
    trace.close();
  }
  // What the screen has told of a bad line is told again where it stays.
  if (trace.replay.reading().isBroken) await trace.whole;
  return 0;
}

async function printSummary(path: string): Promise<number> {
  const tally = createTally();
  const trace = await openTrace(path, tally.add);
  const stopTelling = trace.replay.onRead(progressLine(path, trace.replay));
  try {
    const { header, lines, unknown, isCut } = await trace.whole;
    const { version, startedAtMs, name = null } = header;
    const document = {
      trace: path,
      version,
      name,
      startedAtMs,
      lines,
      unknown,
      isCut,
      ...tally.summary(),
    };
    process.stdout.write(`${printableJson(document, 2)}\n`);
    return 0;
  } finally {
    stopTelling();
    trace.close();
  }
}

async function printLines(path: string): Promise<number> {
  process.stderr.write("no terminal: the run as text; --json prints what it holds in figures\n");
  const trace = await openTrace(path, (line) => {
    const text = lineText(line);
    if (text !== null) process.stdout.write(`${printable(text)}\n`);
  });
  try {
    await trace.whole;
  } finally {
    trace.close();
  }
  const { remark } = trace.replay.reading();
  if (remark !== null) process.stderr.write(`${printable(remark)}\n`);
  return 0;
}

/** Events that only bring figures up to date. */
const FIGURES: ReadonlySet<string> = new Set([
  "rows-changed",
  "peer-changed",
  "transaction-changed",
  "injected-changed",
]);

/** The lines that the console's log shows, in the order of the replay; null for what only changes figures. */
function lineText(line: TraceLine): string | null {
  switch (line.type) {
    case "event": {
      const { type } = line.event.body;
      if (FIGURES.has(type)) return null;
      return describeEvent(line.event);
    }
    case "snapshot": {
      const { name, epoch, recovery } = line.snapshot.node;
      return `${at(line.atMs)}${name} = snapshot of its run ${epoch}, ${recovery}`;
    }
    case "connected":
      return `${at(line.atMs)}${line.node} = heard`;
    case "disconnected":
      return `${at(line.atMs)}${line.node} ! not heard: ${line.why}`;
    case "process": {
      const { name, state, pid } = line.process;
      return `${at(line.atMs)}${name} = process ${state}${pid === null ? "" : `, pid ${pid}`}`;
    }
    case "note":
      return `${at(line.atMs)}! ${line.text}`;
  }
}

function at(atMs: number | undefined): string {
  return atMs === undefined ? "" : `${timeOfDayMs(atMs)} `;
}

/** Tells on a terminal how far the reading is; nothing where it takes no time. */
function progressLine(path: string, replay: Replay): () => void {
  const startedMs = Date.now();
  let shown = "";
  return () => {
    if (!process.stderr.isTTY || (shown === "" && Date.now() - startedMs < 300)) return;
    const { share } = replay.reading();
    const text = share >= 1 ? "" : `reading ${printable(basename(path))}: ${Math.floor(share * 100)} %`;
    if (text === shown) return;
    shown = text;
    process.stderr.write(`\r\u001b[K${text}`);
  };
}

/** Nobody can be asked to do anything in a run that is over. */
const NOBODY: Operator = {
  submit: refuse,
  armFault: refuse,
  armCrash: refuse,
  cutLink: refuse,
  hold: refuse,
  releaseHeld: refuse,
  resolve: refuse,
};

async function refuse(): Promise<never> {
  throw new TpcError("TPC_USAGE", "this run is over: it can be looked at, not acted upon");
}
