import { isOlderThanTold } from "../../observe/beginning.ts";
import { entryTimeMs } from "../../observe/describe.ts";
import { age, duration } from "../../observe/figures.ts";
import type { LifeChange, Transaction } from "../../observe/model.ts";
import { type SequenceStep, sequenceOf } from "../../observe/sequence.ts";
import { isFinished, transactionStatus } from "../../observe/transaction.ts";
import type { NodeName } from "../../schema/ids.ts";
import { fitText, type Row, span } from "../row.ts";
import type { View } from "../view.ts";
import { lanesHead, pauseRow, stepRow } from "./diagram.ts";
import { type Lanes, layLanes, nodesOf, TIME_WIDTH } from "./lanes.ts";
import { LIFE_MARKS, lifeWords, messageTone, messageWords } from "./step-words.ts";

/** On narrower terminals the sequence is a list. */
const DIAGRAM_MIN = 60;
/** A pane that is narrower still shows lanes, where each has so many columns. */
const SIDE_LANE_MIN = 13;
/** Where nothing happens for longer, a row of its own says so. */
const PAUSE_MS = 500;

/** A transaction's sequence, ready to be shown: what stays on top, and what scrolls. */
export interface SequenceView {
  readonly head: readonly Row[];
  readonly rows: readonly Row[];
  /** `lanes 1, 4-7 of 9, < > pan`; empty where all are shown. */
  readonly note: string;
}

/** The sequence diagram of a transaction; a list where that has no room. */
export function sequenceView(
  view: View,
  transaction: Transaction,
  width: number,
  isSide = false,
): SequenceView {
  const isOver = isFinished(transactionStatus(view.model, transaction));
  const steps = sequenceOf(view.model.log, transaction.id, isOver);
  const [first] = steps;
  if (first === undefined) {
    return { head: [], rows: [[span(`  ${emptyWords(view, transaction)}`, "dim")]], note: "" };
  }
  const lines = withPauses(steps, isOver ? null : view.nowMs);
  const lanes = layLanes(transaction, steps, width, view.ui.pan);
  if (width < DIAGRAM_MIN && !(isSide && lanes.spacing >= SIDE_LANE_MIN)) {
    return { head: [], rows: lines.map((line) => listRow(line, first)), note: "" };
  }
  const shown = lines.filter((line) => isShown(line, lanes));
  return { head: [lanesHead(lanes)], rows: diagramRows(lanes, shown, first), note: panNote(lanes) };
}

/** The same in so many rows: what stays on top, and the end of the rest. */
export function sequenceTail(
  view: View,
  transaction: Transaction,
  width: number,
  height: number,
): readonly Row[] {
  const { head, rows } = sequenceView(view, transaction, width, true);
  return [...head, ...rows.slice(-Math.max(1, height - head.length))];
}

/** Nothing to draw: either nothing was sent, or it was not told, or too long ago. */
function emptyWords({ model }: View, transaction: Transaction): string {
  const { startedAtMs } = transaction;
  const [oldest] = model.log;
  if (oldest === undefined || entryTimeMs(oldest) > startedAtMs) return "its events are no longer kept";
  const isTold = (model.untold.events ?? 0) < startedAtMs;
  return isTold && !isOlderThanTold(model, transaction)
    ? "no message was sent for it"
    : "its events were not told";
}

type Line =
  | { readonly type: "step"; readonly step: SequenceStep; readonly before: SequenceStep | undefined }
  | { readonly type: "pause"; readonly text: string };

/** The steps with the time that passes between them, and since the last one where `nowMs` is told. */
function withPauses(steps: readonly SequenceStep[], nowMs: number | null): readonly Line[] {
  const lines: Line[] = [];
  let lastMs: number | null = null;
  steps.forEach((step, index) => {
    if (lastMs !== null && step.atMs - lastMs >= PAUSE_MS)
      lines.push({ type: "pause", text: duration(step.atMs - lastMs) });
    lines.push({ type: "step", step, before: steps[index - 1] });
    lastMs = Math.max(lastMs ?? step.atMs, step.atMs);
  });
  const sinceMs = nowMs === null || lastMs === null ? 0 : nowMs - lastMs;
  if (sinceMs >= 1_000) lines.push({ type: "pause", text: age(sinceMs) });
  return lines;
}

function isShown(line: Line, lanes: Lanes): boolean {
  return line.type === "pause" || nodesOf(line.step).every((name) => lanes.names.includes(name));
}

function panNote({ total, names, pan }: Lanes): string {
  if (names.length === total) return "";
  return `lanes 1, ${pan + 2}-${pan + names.length} of ${total}, < > pan`;
}

function diagramRows(lanes: Lanes, lines: readonly Line[], first: SequenceStep): readonly Row[] {
  const down = new Set<NodeName>();
  return lines.map((line) => {
    if (line.type === "pause") return pauseRow(lanes, `${line.text} ·`, down);
    const { step } = line;
    if (step.type === "life" && RUNS_AGAIN.has(step.change)) down.delete(step.node);
    const row = stepRow(lanes, step, timeText(step, line.before, first), down);
    if (step.type === "life" && STANDS_STILL.has(step.change)) down.add(step.node);
    return row;
  });
}

const RUNS_AGAIN: ReadonlySet<LifeChange> = new Set(["restarted", "resumed", "back"]);
const STANDS_STILL: ReadonlySet<LifeChange> = new Set(["gone", "paused"]);

function timeText(step: SequenceStep, before: SequenceStep | undefined, first: SequenceStep): string {
  const text = `+${duration(step.atMs - first.atMs)}`;
  const last = before === undefined ? null : `+${duration(before.atMs - first.atMs)}`;
  return text === last ? "" : text;
}

function listRow(line: Line, first: SequenceStep): Row {
  if (line.type === "pause") return [span(fitText(`${line.text} ·`, TIME_WIDTH, "right"), "dim")];
  const { step, before } = line;
  const time = span(`${fitText(timeText(step, before, first), TIME_WIDTH, "right")} `, "dim");
  switch (step.type) {
    case "mark":
      return [time, span(`${step.node} ${step.label}`, "bad")];
    case "life": {
      const { mark, tone } = LIFE_MARKS[step.change];
      return [time, span(`${step.node} ${mark} ${lifeWords(step)}`, tone)];
    }
    case "write": {
      const mark = step.forced ? "*" : "+";
      return [time, span(`${step.node} ${mark} ${step.label}`, step.forced ? "good" : "dim")];
    }
    case "message": {
      const fate = FATES[step.fate];
      return [time, span(`${step.from} > ${step.to} ${messageWords(step)}${fate}`, messageTone(step))];
    }
  }
}

const FATES = {
  held: " (held)",
  sent: " (on its way)",
  received: "",
  dropped: " x lost",
  delayed: " (delayed)",
  late: "",
} as const;
