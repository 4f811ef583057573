import { assertNever } from "../../core/errors.ts";
import type { TraceLine } from "../../schema/trace.ts";
import type { LogEntry, Model } from "../model.ts";
import { advance, type Replay } from "./replay.ts";

/** What is looked for among the lines of the log. */
export interface Wanted {
  /** `model` is what was known when the line had been added. */
  passes(entry: LogEntry, model: Model): boolean;
  /** Whether it depends on the model: then the lines are taken in one by one, which is slower. */
  readonly dependsOnModel: boolean;
}

/** Lines that are read and taken in together. */
const BATCH_LINES = 256;

/**
 * Looks for the nearest step after (1) or before (-1) a step that adds a wanted line to the log. Yields the step it has come
 * to between two pieces of work of some milliseconds; returns null where there is none. Forward it waits for what is not
 * read yet.
 */
export function searchSteps(
  replay: Replay,
  from: number,
  direction: 1 | -1,
  wanted: Wanted,
): Generator<number, number | null> {
  switch (direction) {
    case 1:
      return searchAhead(replay, from, wanted);
    case -1:
      return searchBack(replay, from, wanted);
    default:
      return assertNever(direction, "direction");
  }
}

function* searchAhead(replay: Replay, from: number, wanted: Wanted): Generator<number, number | null> {
  const { steps } = replay;
  let line = steps.lines(from);
  let model = replay.modelAt(from);
  for (;;) {
    const end = steps.lines(steps.count);
    if (line >= end) {
      if (replay.reading().share >= 1) return null;
      yield steps.count;
      continue;
    }
    const batch = replay.lines(line, Math.min(end, line + BATCH_LINES));
    const looked = look(model, batch, wanted);
    const [first] = looked.places;
    if (first !== undefined) return steps.ofLines(line + first + 1);
    model = looked.model;
    line += batch.length;
    yield steps.ofLines(line);
  }
}

function* searchBack(replay: Replay, from: number, wanted: Wanted): Generator<number, number | null> {
  const { steps } = replay;
  let to = steps.lines(Math.max(0, from - 1));
  while (to > 0) {
    const kept = replay.keptBefore(to);
    let { line, model } = kept;
    let found: number | null = null;
    while (line < to) {
      const batch = replay.lines(line, Math.min(to, line + BATCH_LINES));
      const looked = look(model, batch, wanted);
      const last = looked.places.at(-1);
      if (last !== undefined) found = line + last + 1;
      model = looked.model;
      line += batch.length;
      yield steps.ofLines(to);
    }
    if (found !== null) return steps.ofLines(found);
    to = kept.line;
  }
  return null;
}

/** Which of these lines add a wanted line to the log, and the model after them. */
function look(
  model: Model,
  lines: readonly TraceLine[],
  wanted: Wanted,
): { readonly places: readonly number[]; readonly model: Model } {
  const after = advance(model, lines);
  if (!wanted.dependsOnModel && !added(model, after).some((entry) => wanted.passes(entry, after))) {
    return { places: [], model: after };
  }
  const places: number[] = [];
  let before = model;
  for (const [index, line] of lines.entries()) {
    const next = advance(before, [line]);
    if (added(before, next).some((entry) => wanted.passes(entry, next))) places.push(index);
    before = next;
  }
  return { places, model: after };
}

function added(before: Model, after: Model): readonly LogEntry[] {
  if (before.log === after.log) return [];
  const serial = before.log.at(-1)?.serial ?? 0;
  return after.log.slice(after.log.findLastIndex((entry) => entry.serial <= serial) + 1);
}
