import type { TraceLine } from "../../schema/trace.ts";
import { EVENTS_MAX, emptyModel, type Model, type ModelUpdate } from "../model.ts";
import { reduceAll } from "../reducer.ts";
import { lineTimeMs, updateOf } from "../trace.ts";
import type { Steps } from "./steps.ts";

/** A recorded run, as it was at any of its steps. While its trace is still being read, steps are added at its end. */
export interface Replay {
  readonly steps: Steps;
  /** What a watcher knew then. */
  modelAt(step: number): Model;
  /** The nearest line before a line at which a model is kept, and that model; of its log there is the newest line alone. */
  keptBefore(line: number): Kept;
  /** Lines from one number up to another. */
  lines(from: number, to: number): readonly TraceLine[];
  reading(): Reading;
  /** Calls `listener` whenever more has been read. Returns the cancel function. */
  onRead(listener: () => void): () => void;
}

/** How far a trace has been read. */
export interface Reading {
  /** From 0 to 1, which is the end. */
  readonly share: number;
  /** What a reader should know of the trace; null where there is nothing to say. */
  readonly remark: string | null;
  /** The reading has ended before the trace did. */
  readonly isBroken: boolean;
}

export interface Kept {
  readonly line: number;
  readonly model: Model;
}

/** Lines between two models that are kept while their stretch is looked at: a step back costs at most so many. */
const FINE_LINES = 128;
/** Lines of a stretch, which is read as a whole. */
const STRETCH_LINES = 4_096;
/** Lines that are taken in together while a trace is read. */
const GATHERED_LINES = 1_024;
/** Stretches that are kept in memory. */
const STRETCHES_MAX = 3;
/** Models kept for good; when there are more, every second one is given up. */
const COARSE_MAX = 128;

/** Takes in a trace from beginning to end, and remembers enough to come back to any place in it. */
export interface ReplayGatherer {
  /** Of what was added so far. */
  readonly replay: Replay;
  add(line: TraceLine): void;
  /** Tells how far the reading is. */
  tell(reading: Reading): void;
}

/** `read` gives the lines from one number up to another, in the order in which they are added. */
export function gatherReplay(
  steps: Steps,
  read: (from: number, to: number) => readonly TraceLine[],
): ReplayGatherer {
  const listeners = new Set<() => void>();
  let reading: Reading = { share: 0, remark: null, isBroken: false };
  let kept: Kept[] = [{ line: 0, model: emptyModel() }];
  let spacing = STRETCH_LINES;
  let model = emptyModel();
  let waiting: TraceLine[] = [];
  let lines = 0;

  const flush = (): void => {
    model = advance(model, waiting);
    waiting = [];
  };
  const keep = (): void => {
    // Its log is read again from the lines before it: kept, it would hold every event of the trace in memory.
    kept.push({ line: lines, model: { ...model, log: model.log.slice(-1) } });
    if (kept.length <= COARSE_MAX) return;
    spacing *= 2;
    kept = kept.filter(({ line }) => line % spacing === 0);
  };
  const keptBefore = (line: number): Kept => {
    const found = kept.findLast((each) => each.line < line) ?? kept[0];
    return found ?? { line: 0, model: emptyModel() };
  };

  return {
    replay: {
      steps,
      modelAt: openModels(steps, { keptBefore, read, count: () => lines }),
      keptBefore,
      lines: read,
      reading: () => reading,
      onRead(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    add(line) {
      waiting.push(line);
      lines += 1;
      if (lines % GATHERED_LINES === 0) flush();
      if (lines % spacing === 0) keep();
    },
    tell(next) {
      reading = next;
      for (const listener of listeners) listener();
    },
  };
}

/** Models at every `FINE_LINES` of a stretch, and its lines. */
interface Stretch {
  readonly lines: readonly TraceLine[];
  readonly models: Model[];
}

interface Source {
  keptBefore(line: number): Kept;
  read(from: number, to: number): readonly TraceLine[];
  /** Lines so far. */
  count(): number;
}

/** The model at any step, which costs little where a step near it was asked for before. */
function openModels(steps: Steps, { keptBefore, read, count }: Source): (step: number) => Model {
  const stretches = new Map<number, Stretch>();
  let latest: Kept | null = null;

  /** The model at a line, with its whole log. */
  const rebuild = (line: number): Model => {
    const from = keptBefore(Math.max(1, line - 2 * EVENTS_MAX + 1));
    let { model } = from;
    for (let at = from.line; at < line; at += STRETCH_LINES) {
      model = advance(model, read(at, Math.min(line, at + STRETCH_LINES)));
    }
    return model;
  };

  const open = (number: number, offset: number): Stretch => {
    const from = number * STRETCH_LINES;
    const known = stretches.get(number);
    if (known !== undefined && known.lines.length >= offset) return known;
    const isNext = latest?.line === from;
    const first = known?.models[0] ?? (isNext && latest !== null ? latest.model : rebuild(from));
    const stretch = { lines: read(from, Math.min(count(), from + STRETCH_LINES)), models: [first] };
    stretches.delete(number);
    for (const [oldest] of stretches) if (stretches.size >= STRETCHES_MAX) stretches.delete(oldest);
    stretches.set(number, stretch);
    return stretch;
  };

  const modelAtLine = (line: number): Model => {
    const offset = line % STRETCH_LINES;
    const { lines, models } = open(Math.floor(line / STRETCH_LINES), offset);
    const fine = Math.floor(offset / FINE_LINES);
    while (models.length <= fine) {
      const at = (models.length - 1) * FINE_LINES;
      models.push(advance(models.at(-1) ?? emptyModel(), lines.slice(at, at + FINE_LINES)));
    }
    return advance(models[fine] ?? emptyModel(), lines.slice(fine * FINE_LINES, offset));
  };

  return (step) => {
    const line = steps.lines(step);
    if (latest?.line !== line) latest = { line, model: modelAtLine(line) };
    return latest.model;
  };
}

/** The model with more lines taken in. What carries no time of its own is taken in at the time at which it was heard. */
export function advance(model: Model, lines: readonly TraceLine[]): Model {
  let result = model;
  let together: ModelUpdate[] = [];
  for (const line of lines) {
    if (line.type === "event" || line.type === "note") {
      together.push(updateOf(line));
      continue;
    }
    result = reduceAll(result, together, undefined, true);
    together = [];
    result = reduceAll(result, [updateOf(line)], lineTimeMs(line) ?? undefined, true);
  }
  return reduceAll(result, together, undefined, true);
}
