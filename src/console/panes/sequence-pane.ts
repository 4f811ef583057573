import { entryTimeMs } from "../../observe/describe.ts";
import { duration } from "../../observe/figures.ts";
import type { Transaction } from "../../observe/model.ts";
import { type SequenceStep, sequenceOf } from "../../observe/sequence.ts";
import { participantNames } from "../../observe/transaction.ts";
import type { NodeName } from "../../schema/ids.ts";
import { cellWidth, clean } from "../cell-width.ts";
import { fitText, type Row, type Span, span, type Tone } from "../row.ts";
import type { View } from "../view.ts";

/** Columns of the time beside each step. */
const TIME_WIDTH = 8;
/** A lane must hold a label beside its line. */
const LANE_MIN = 13;
const LANE_MAX = 30;

/** The sequence diagram of a transaction; a list where the lanes would be too narrow. */
export function sequenceRows(
  view: View,
  transaction: Transaction,
  width: number,
  height: number,
): readonly Row[] {
  const steps = sequenceOf(view.model.log, transaction.id);
  if (steps.length === 0) return [[span(`  ${emptyWords(view, transaction)}`, "dim")]];
  const lanes = lanesOf(transaction, steps);
  const spacing = Math.min(LANE_MAX, Math.floor((width - TIME_WIDTH - 1) / lanes.length));
  if (spacing < LANE_MIN)
    return tail(steps, height).map((step, index, all) => listRow(step, all[index - 1], steps));
  const place = (name: NodeName): number =>
    TIME_WIDTH + 1 + lanes.indexOf(name) * spacing + Math.floor(spacing / 2);
  const diagram = { lanes, spacing, width, place };
  const shown = tail(steps, height - 1);
  return [
    headRow(diagram),
    ...shown.map((step, index) => stepRow(diagram, step, timeText(step, shown[index - 1], steps))),
  ];
}

/** Nothing to draw: either nothing was sent, or it was too long ago. */
function emptyWords(view: View, transaction: Transaction): string {
  const [oldest] = view.model.log;
  const kept = oldest !== undefined && entryTimeMs(oldest) <= transaction.startedAtMs;
  return kept ? "no message was sent for it" : "its events are no longer kept";
}

interface Diagram {
  readonly lanes: readonly NodeName[];
  readonly spacing: number;
  readonly width: number;
  /** The column of a lane's line. */
  place(name: NodeName): number;
}

function lanesOf(transaction: Transaction, steps: readonly SequenceStep[]): readonly NodeName[] {
  const lanes = new Set<NodeName>();
  if (transaction.coordinator !== null) lanes.add(transaction.coordinator);
  for (const name of participantNames(transaction)) lanes.add(name);
  for (const step of steps) {
    if (step.type !== "message") lanes.add(step.node);
    else lanes.add(step.from).add(step.to);
  }
  return [...lanes];
}

function tail(steps: readonly SequenceStep[], height: number): readonly SequenceStep[] {
  return steps.slice(-Math.max(1, height));
}

function timeText(
  step: SequenceStep,
  before: SequenceStep | undefined,
  all: readonly SequenceStep[],
): string {
  const first = all[0]?.atMs ?? step.atMs;
  const text = `+${duration(step.atMs - first)}`;
  const last = before === undefined ? null : `+${duration(before.atMs - first)}`;
  return text === last ? "" : text;
}

function headRow({ lanes, spacing }: Diagram): Row {
  const names = lanes.map((name) => {
    const text = fitText(name, Math.min(spacing - 1, name.length));
    const left = Math.max(0, Math.floor(spacing / 2) - Math.floor(text.length / 2));
    return span(fitText(" ".repeat(left) + text, spacing), "strong");
  });
  return [span(" ".repeat(TIME_WIDTH + 1)), ...names];
}

/** A line of single characters that can be drawn over. */
interface Canvas {
  readonly cells: { text: string; tone: Tone }[];
}

function stepRow(diagram: Diagram, step: SequenceStep, time: string): Row {
  const canvas: Canvas = {
    cells: Array.from({ length: diagram.width }, () => ({ text: " ", tone: "plain" as Tone })),
  };
  draw(canvas, 0, fitText(time, TIME_WIDTH, "right"), "dim");
  for (const name of diagram.lanes) draw(canvas, diagram.place(name), "│", "dim");
  if (step.type === "message") drawMessage(canvas, diagram, step);
  else if (step.type === "write") {
    drawBeside(canvas, diagram, step.node, step.forced ? "*" : "+", step.label, step.forced ? "good" : "dim");
  } else drawBeside(canvas, diagram, step.node, "!", step.label.replace(/^! /, ""), "bad");
  return joined(canvas);
}

function drawMessage(
  canvas: Canvas,
  diagram: Diagram,
  step: Extract<SequenceStep, { type: "message" }>,
): void {
  const from = diagram.place(step.from);
  const to = diagram.place(step.to);
  const right = to > from;
  const [left, end] = right ? [from, to] : [to, from];
  const tone: Tone = step.fate === "dropped" ? "bad" : step.fate === "sent" ? "warn" : toneOf(step.label);
  const line = step.fate === "received" ? "─" : "╌";
  for (let column = left + 1; column < end; column += 1) {
    const crosses = diagram.lanes.some((name) => diagram.place(name) === column);
    draw(canvas, column, crosses ? "┼" : line, crosses ? "dim" : tone);
  }
  const head = step.fate === "dropped" ? "x" : right ? ">" : "<";
  draw(canvas, right ? end - 1 : left + 1, head, tone);
  // The label stands in the gap beside the participant, so that arrows over several lanes tell whose they are.
  const gapStart = end - diagram.spacing + 1;
  const room = diagram.spacing - 3;
  const whole = step.times === undefined ? step.label : `${step.times}× ${step.label}`;
  const text = cellWidth(clean(whole)) <= room - 2 ? whole : step.label;
  const label = ` ${fitText(text, Math.min(room - 2, cellWidth(clean(text))))} `;
  draw(canvas, gapStart + Math.max(0, Math.floor((diagram.spacing - 1 - label.length) / 2)), label, tone);
}

function toneOf(label: string): Tone {
  if (label === "vote no" || label.startsWith("abort") || label === "commit-refused") return "bad";
  if (label === "commit" || label === "ack" || label === "committed") return "good";
  return "accent";
}

/** A mark on the lane and its label on whichever side has room. */
function drawBeside(
  canvas: Canvas,
  diagram: Diagram,
  node: NodeName,
  mark: string,
  label: string,
  tone: Tone,
): void {
  const column = diagram.place(node);
  const text = clean(label);
  draw(canvas, column, mark, tone);
  const isLast = diagram.lanes.at(-1) === node;
  const roomRight = isLast ? diagram.width - column - 2 : diagram.spacing - 2;
  const fits = cellWidth(text) <= roomRight;
  if (fits || column < cellWidth(text) + TIME_WIDTH + 2) {
    draw(canvas, column + 2, fitText(text, Math.min(cellWidth(text), roomRight)), tone);
  } else draw(canvas, column - 1 - cellWidth(text), text, tone);
}

function draw(canvas: Canvas, column: number, text: string, tone: Tone): void {
  let at = column;
  for (const character of text) {
    const cell = canvas.cells[at];
    if (cell !== undefined) {
      cell.text = character;
      cell.tone = tone;
    }
    at += 1;
  }
}

function joined({ cells }: Canvas): Row {
  const spans: Span[] = [];
  for (const { text, tone } of cells) {
    const last = spans.at(-1);
    if (last?.tone === tone) spans[spans.length - 1] = { tone, text: last.text + text };
    else spans.push({ tone, text });
  }
  return spans;
}

function listRow(step: SequenceStep, before: SequenceStep | undefined, all: readonly SequenceStep[]): Row {
  const time = span(`${fitText(timeText(step, before, all), TIME_WIDTH, "right")} `, "dim");
  if (step.type === "mark") return [time, span(`${step.node} ${step.label}`, "bad")];
  if (step.type === "write") {
    return [
      time,
      span(`${step.node} ${step.forced ? "*" : "+"} ${step.label}`, step.forced ? "good" : "dim"),
    ];
  }
  const fate = step.fate === "dropped" ? " (lost)" : step.fate === "sent" ? " (on its way)" : "";
  return [
    time,
    span(
      `${step.from} > ${step.to} ${step.label}${step.times === undefined ? "" : ` ${step.times}×`}${fate}`,
      step.fate === "dropped" ? "bad" : toneOf(step.label),
    ),
  ];
}
