import type { NodeEvent } from "../../schema/events.ts";
import type { TransactionId } from "../../schema/ids.ts";
import type { TraceLine } from "../../schema/trace.ts";
import type { TransactionView } from "../../schema/views.ts";
import { lineTimeMs } from "../trace.ts";
import { type Column, growing } from "./column.ts";

/** How far a step goes: to the next event, to the next change of a transaction's phase, to the next transaction. */
export type StepSize = "event" | "phase" | "transaction";

/**
 * The steps of a trace, as far as it has been read. Step `n` is the state after the first `n` events that are worth a look, each with the lines that
 * only follow from it; step 0 is before everything.
 */
export interface Steps {
  readonly count: number;
  /** How many lines have been taken in at a step. */
  lines(step: number): number;
  /** When a step was, in milliseconds since 1970; never less than the step before. */
  timeMs(step: number): number;
  /** The next step of that size, or the last one. */
  after(step: number, size: StepSize): number;
  /** The last step of that size before this one, or 0. */
  before(step: number, size: StepSize): number;
  /** The last step at or before a time; 0 where there is none. */
  at(timeMs: number): number;
  /** The first step that has taken in so many lines, or the last one. */
  ofLines(lines: number): number;
  /** The last step before anything happens to a transaction: the nodes have said what they are. */
  readonly opening: number;
}

/** Gathers steps, a line at a time; some twenty bytes a step, however long the trace. */
export interface StepGatherer {
  /** Those of the lines that were added; the newest may lack its last lines until the end. */
  readonly steps: Steps;
  add(line: TraceLine): void;
  /** No more lines will come. */
  finish(): void;
}

const PHASE = 1;
const TRANSACTION = 2;

export function gatherSteps(startedAtMs: number): StepGatherer {
  const ends = growing((size) => new Uint32Array(size));
  const times = growing((size) => new Float64Array(size));
  const marks = growing((size) => new Uint8Array(size));
  const phases = new Map<string, string>();
  const begun = new Set<TransactionId>();
  const connected = new Map<string, boolean>();
  let lines = 0;
  let mark = 0;
  let atMs = startedAtMs;
  let opening: number | null = null;
  // Step 0.
  ends.push(0);
  times.push(startedAtMs);
  marks.push(0);

  const close = (): void => {
    if (lines === ends.at(ends.size() - 1)) return;
    ends.push(lines);
    times.push(atMs);
    marks.push(mark);
    mark = 0;
  };

  const markChange = (event: NodeEvent, view: TransactionView): void => {
    const key = `${event.node} ${view.role} ${view.transactionId}`;
    if (phases.get(key) !== view.phase) mark |= PHASE;
    if (view.endedAtMs === null) phases.set(key, view.phase);
    else phases.delete(key);
    if (isBegin(view)) {
      begun.add(view.transactionId);
      mark |= TRANSACTION;
    }
    if (view.role === "coordinator" && view.endedAtMs !== null) begun.delete(view.transactionId);
  };

  const isBegin = (view: TransactionView): boolean =>
    view.role === "coordinator" && view.endedAtMs === null && !begun.has(view.transactionId);

  const isNews = (line: TraceLine): boolean => {
    if (line.type !== "event") return true;
    const { body, node } = line.event;
    switch (body.type) {
      case "transaction-changed":
        return isBegin(body.view);
      case "rows-changed":
      case "injected-changed":
        return false;
      case "peer-changed": {
        const key = `${node} ${body.peer.name}`;
        const before = connected.get(key);
        connected.set(key, body.peer.connected);
        return before !== body.peer.connected;
      }
      case "record-appended":
        // The force that follows says the same.
        return !body.force;
      default:
        return true;
    }
  };

  return {
    steps: stepsOf({ ends, times, marks, opening: () => opening }),
    add(line) {
      if (isNews(line)) close();
      const isWork = line.type === "event" && line.event.transactionId !== null;
      if (isWork && opening === null) opening = Math.max(0, ends.size() - 1);
      lines += 1;
      atMs = Math.max(atMs, lineTimeMs(line) ?? atMs);
      if (line.type === "event" && line.event.body.type === "transaction-changed")
        markChange(line.event, line.event.body.view);
    },
    finish: close,
  };
}

interface Columns {
  readonly ends: Column;
  readonly times: Column;
  readonly marks: Column;
  /** Null while nothing has happened to a transaction. */
  opening(): number | null;
}

function stepsOf({ ends, times, marks, opening }: Columns): Steps {
  const last = (): number => ends.size() - 1;
  const hasMark = (step: number, size: StepSize): boolean => {
    if (size === "event") return true;
    const wanted = size === "phase" ? PHASE : TRANSACTION;
    return (marks.at(step) & wanted) !== 0;
  };
  /** The last step whose figure is at most so much. */
  const lastUpTo = (column: Column, most: number): number => {
    let low = 0;
    let high = last();
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (column.at(middle) <= most) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    get count() {
      return last();
    },
    get opening() {
      return Math.min(opening() ?? last(), last());
    },
    lines: (step) => ends.at(step),
    timeMs: (step) => times.at(step),
    after(step, size) {
      const count = last();
      let next = Math.min(count, step + 1);
      while (next < count && !hasMark(next, size)) next += 1;
      return next;
    },
    before(step, size) {
      let next = Math.max(0, step - 1);
      while (next > 0 && !hasMark(next, size)) next -= 1;
      return next;
    },
    at: (timeMs) => lastUpTo(times, timeMs),
    ofLines: (lines) => (lines <= 0 ? 0 : Math.min(last(), lastUpTo(ends, lines - 1) + 1)),
  };
}
