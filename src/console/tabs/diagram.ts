import type { SequenceStep } from "../../observe/sequence.ts";
import type { NodeName } from "../../schema/ids.ts";
import { cellWidth, clean } from "../cell-width.ts";
import { fitText, type Row, span, type Tone } from "../row.ts";
import { type Canvas, createCanvas } from "./canvas.ts";
import { type Lanes, TIME_WIDTH } from "./lanes.ts";
import { LIFE_MARKS, lifeWords, messageTone, messageWords, shortMessageWords } from "./step-words.ts";

/** From this spacing on, labels stand apart from the lines. */
const ROOMY = 13;

/** The names over the lanes. */
export function lanesHead({ names, spacing }: Lanes): Row {
  const heads = names.map((name) => {
    const text = fitText(name, Math.min(spacing - 1, name.length));
    const left = Math.max(0, Math.floor(spacing / 2) - Math.floor(text.length / 2));
    return span(fitText(" ".repeat(left) + text, spacing), "strong");
  });
  return [span(" ".repeat(TIME_WIDTH + 1)), ...heads];
}

/** One step; the lanes of nodes that are `down` are broken lines. */
export function stepRow(lanes: Lanes, step: SequenceStep, time: string, down: ReadonlySet<NodeName>): Row {
  const canvas = lanesCanvas(lanes, time, down);
  switch (step.type) {
    case "message":
      drawMessage(canvas, lanes, step);
      break;
    case "write":
      drawBeside(canvas, lanes, step.node, step.forced ? "*" : "+", step.label, step.forced ? "good" : "dim");
      break;
    case "mark":
      drawBeside(canvas, lanes, step.node, "!", step.label.replace(/^! /, ""), "bad");
      break;
    case "life": {
      const { mark, tone } = LIFE_MARKS[step.change];
      drawBeside(canvas, lanes, step.node, mark, lifeWords(step), tone);
      break;
    }
  }
  return canvas.row();
}

/** A row in which nothing happens but that time passes. */
export function pauseRow(lanes: Lanes, text: string, down: ReadonlySet<NodeName>): Row {
  const canvas = lanesCanvas(lanes, "", down);
  canvas.draw(Math.max(0, TIME_WIDTH - text.length), text, "dim");
  return canvas.row();
}

function lanesCanvas(lanes: Lanes, time: string, down: ReadonlySet<NodeName>): Canvas {
  const canvas = createCanvas(lanes.width);
  canvas.draw(0, fitText(time, TIME_WIDTH, "right"), "dim");
  for (const name of lanes.names) canvas.draw(lanes.place(name), down.has(name) ? "┊" : "│", "dim");
  return canvas;
}

const LINES = { held: "·", sent: "╌", received: "─", dropped: "╌", delayed: "~", late: "~" } as const;
/** What stands in place of the arrow's head where the message does not arrive, or not yet. */
const ENDS: Partial<Record<keyof typeof LINES, string>> = { dropped: "x", held: "=", delayed: "~" };

function drawMessage(canvas: Canvas, lanes: Lanes, step: Extract<SequenceStep, { type: "message" }>): void {
  const from = lanes.place(step.from);
  const to = lanes.place(step.to);
  const isRight = to > from;
  const [left, end] = isRight ? [from, to] : [to, from];
  const tone = messageTone(step);
  const line = LINES[step.fate];
  for (let column = left + 1; column < end; column += 1) {
    const crosses = lanes.names.some((name) => lanes.place(name) === column);
    canvas.draw(column, crosses ? "┼" : line, crosses ? "dim" : tone);
  }
  const head = ENDS[step.fate] ?? (isRight ? ">" : "<");
  canvas.draw(isRight ? end - 1 : left + 1, head, tone);
  drawLabel(canvas, lanes, step, end, isRight);
}

/** The label stands in the gap beside the participant, so that arrows over several lanes tell whose they are. */
function drawLabel(
  canvas: Canvas,
  { spacing }: Lanes,
  step: Extract<SequenceStep, { type: "message" }>,
  end: number,
  isRight: boolean,
): void {
  const isRoomy = spacing >= ROOMY;
  // The head of the arrow stays free, at whichever end of the gap it stands.
  const room = spacing - 2;
  const words = [messageWords(step), shortMessageWords(step)].map((text) => (isRoomy ? ` ${text} ` : text));
  const text = words.find((each) => each.length <= room) ?? words.at(-1) ?? "";
  const label = fitText(text, Math.min(room, text.length));
  const start = end - spacing + 1 + (isRight ? 0 : 1);
  canvas.draw(start + Math.max(0, Math.floor((room - label.length) / 2)), label, messageTone(step));
}

/** A mark on the lane and its label on whichever side has room. */
function drawBeside(
  canvas: Canvas,
  lanes: Lanes,
  node: NodeName,
  mark: string,
  label: string,
  tone: Tone,
): void {
  const column = lanes.place(node);
  const gap = lanes.spacing >= ROOMY ? 1 : 0;
  const text = clean(label);
  canvas.draw(column, mark, tone);
  const isLast = lanes.names.at(-1) === node;
  const roomRight = isLast ? lanes.width - column - 1 - gap : lanes.spacing - 1 - gap;
  const roomLeft = lanes.names[0] === node ? column - TIME_WIDTH - 2 : lanes.spacing - 1 - gap;
  const width = cellWidth(text);
  if (width <= roomRight || roomRight >= roomLeft || width > roomLeft) {
    canvas.draw(column + 1 + gap, fitText(text, Math.max(0, Math.min(width, roomRight))), tone);
  } else canvas.draw(column - gap - width, text, tone);
}
