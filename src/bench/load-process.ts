import { createClock } from "../drivers/clock.ts";
import { createMeter } from "../drivers/meter.ts";
import type { NodeFigures } from "../schema/views.ts";
import { addFigures, figuresBetween } from "./figures.ts";
import { createHistogram } from "./histogram.ts";
import type { LoadCommand, LoadResult, LoadRun, LoadShape, WorkerLine } from "./job.ts";
import { type Begin, runClosedLoop, runOpenLoop } from "./load.ts";

/** What is loaded: the real cluster, or the floor. */
export interface Target {
  readonly begin: Begin;
  /** What every node has spent so far, by name. */
  figures(): Promise<Readonly<Record<string, NodeFigures>>>;
  /** Resolves when nothing is left to do in any node. */
  settled(): Promise<void>;
  close(): void;
}

/** What a target tells of its transactions beyond that they ended. */
export interface Observer {
  decided(durationMs: number): void;
  endedUnplanned(): void;
}

export interface Lines {
  /** The next command; null when there will be none. */
  next(): Promise<LoadCommand | null>;
  say(line: WorkerLine): void;
}

const PROGRESS_MS = 500;
/** The name of this process among those whose costs are shown. */
const CLIENT = "client";

/** Makes load as it is told, and says at the end what all measured runs came to. */
export async function makeLoad(
  shape: LoadShape,
  open: (observer: Observer) => Promise<Target>,
  lines: Lines,
): Promise<void> {
  const clock = createClock();
  const meter = createMeter();
  const measured = createMeasured();
  let isMeasured = false;
  const target = await open({
    decided: (durationMs) => isMeasured && measured.decision.add(durationMs),
    endedUnplanned: () => {
      measured.unplanned += 1;
    },
  });
  const figures = async () => ({ ...(await target.figures()), [CLIENT]: meter.figures(shape.stalls) });
  let first = 0;

  const run = async (count: number): Promise<LoadRun> => {
    const before: Readonly<Record<string, NodeFigures>> = await figures();
    const startedMs = clock.nowMs();
    let done = 0;
    let saidMs = startedMs;
    const record = (latencyMs: number) => {
      done += 1;
      if (isMeasured) measured.latency.add(latencyMs);
      const nowMs = clock.nowMs();
      if (nowMs - saidMs < PROGRESS_MS) return;
      saidMs = nowMs;
      lines.say({ type: "progress", done });
    };
    const stretch = { first, count, begin: target.begin, clock, record };
    first += count;
    const concurrency = isMeasured ? shape.concurrency : shape.warmUpConcurrency;
    const inFlightMax =
      shape.openLoopRate === null
        ? await runClosedLoop(stretch, concurrency).then(() => concurrency)
        : await runOpenLoop(stretch, shape.openLoopRate);
    const seconds = (clock.nowMs() - startedMs) / 1_000;
    await target.settled();
    const after: Readonly<Record<string, NodeFigures>> = await figures();
    const spent: Record<string, NodeFigures> = {};
    for (const [name, later] of Object.entries(after)) {
      const earlier = before[name];
      if (earlier !== undefined) spent[name] = figuresBetween(earlier, later);
    }
    return { transactions: count, seconds, inFlightMax, spent };
  };

  lines.say({ type: "ready", url: "" });
  for (let command = await lines.next(); command !== null; command = await lines.next()) {
    if (command.type === "finish") {
      target.close();
      lines.say({ type: "result", result: measured.result() });
      return;
    }
    isMeasured = command.measured;
    const ran = await run(command.transactions);
    if (isMeasured) measured.note(ran);
    lines.say({ type: "ran", run: ran });
  }
  target.close();
}

function createMeasured() {
  const latency = createHistogram();
  const decision = createHistogram();
  const spent: Record<string, NodeFigures> = {};
  let transactions = 0;
  let seconds = 0;
  let inFlightMax = 0;
  return {
    latency,
    decision,
    unplanned: 0,
    note(run: LoadRun): void {
      transactions += run.transactions;
      seconds += run.seconds;
      inFlightMax = Math.max(inFlightMax, run.inFlightMax);
      for (const [name, figures] of Object.entries(run.spent)) spent[name] = addFigures(spent[name], figures);
    },
    result(): LoadResult {
      const latencyMs = latency.quantiles() ?? { p50: 0, p95: 0, p99: 0, max: 0 };
      const decisionLatencyMs = decision.quantiles();
      const { unplanned } = this;
      return { transactions, seconds, inFlightMax, latencyMs, decisionLatencyMs, unplanned, spent };
    },
  };
}
