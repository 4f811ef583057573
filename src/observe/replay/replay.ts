import type { TraceLine } from "../../schema/trace.ts";
import { EVENTS_MAX, emptyModel, type Model, type ModelUpdate } from "../model.ts";
import { reduceAll } from "../reducer.ts";
import { lineTimeMs, updateOf } from "../trace.ts";
import type { Steps } from "./steps.ts";

/** A recorded run, as it was at any of its steps. */
export interface Replay {
  readonly steps: Steps;
  /** What a watcher knew then. */
  modelAt(step: number): Model;
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
  add(line: TraceLine): void;
  /** `read` gives the lines from one number up to another, in the order in which they were added. */
  finish(steps: Steps, read: (from: number, to: number) => readonly TraceLine[]): Replay;
  /** The model after every line. */
  model(): Model;
}

export function gatherReplay(): ReplayGatherer {
  let kept: { readonly line: number; readonly model: Model }[] = [{ line: 0, model: emptyModel() }];
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

  return {
    add(line) {
      waiting.push(line);
      lines += 1;
      if (lines % GATHERED_LINES === 0) flush();
      if (lines % spacing === 0) keep();
    },
    model() {
      flush();
      return model;
    },
    finish(steps, read) {
      flush();
      return openReplay(steps, kept, lines, read);
    },
  };
}

/** Models at every `FINE_LINES` of a stretch, and its lines. */
interface Stretch {
  readonly lines: readonly TraceLine[];
  readonly models: Model[];
}

function openReplay(
  steps: Steps,
  kept: readonly { readonly line: number; readonly model: Model }[],
  count: number,
  read: (from: number, to: number) => readonly TraceLine[],
): Replay {
  const stretches = new Map<number, Stretch>();
  let latest: { readonly line: number; readonly model: Model } | null = null;

  /** The model at a line, with its whole log. */
  const rebuild = (line: number): Model => {
    const from = kept.findLast((each) => each.line <= Math.max(0, line - 2 * EVENTS_MAX)) ?? kept[0];
    let model = from?.model ?? emptyModel();
    for (let at = from?.line ?? 0; at < line; at += STRETCH_LINES) {
      model = advance(model, read(at, Math.min(line, at + STRETCH_LINES)));
    }
    return model;
  };

  const open = (number: number): Stretch => {
    const known = stretches.get(number);
    if (known !== undefined) return known;
    const from = number * STRETCH_LINES;
    const isNext = latest?.line === from;
    const first = isNext && latest !== null ? latest.model : rebuild(from);
    const stretch = { lines: read(from, Math.min(count, from + STRETCH_LINES)), models: [first] };
    for (const [oldest] of stretches) if (stretches.size >= STRETCHES_MAX) stretches.delete(oldest);
    stretches.set(number, stretch);
    return stretch;
  };

  const modelAtLine = (line: number): Model => {
    const { lines, models } = open(Math.floor(line / STRETCH_LINES));
    const offset = line % STRETCH_LINES;
    const fine = Math.floor(offset / FINE_LINES);
    while (models.length <= fine) {
      const at = (models.length - 1) * FINE_LINES;
      models.push(advance(models.at(-1) ?? emptyModel(), lines.slice(at, at + FINE_LINES)));
    }
    return advance(models[fine] ?? emptyModel(), lines.slice(fine * FINE_LINES, offset));
  };

  return {
    steps,
    modelAt(step) {
      const line = steps.lines(step);
      if (latest?.line !== line) latest = { line, model: modelAtLine(line) };
      return latest.model;
    },
  };
}

/** What carries no time of its own is taken in at the time at which it was heard. */
function advance(model: Model, lines: readonly TraceLine[]): Model {
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
