import { counted } from "../../observe/figures.ts";
import { unfinishedCount } from "../../observe/tally.ts";
import { keyHint } from "../keymap.ts";
import { type Row, span, wrapText } from "../row.ts";
import type { View } from "../view.ts";
import { type Asked, nothingAsked, type Question, questionRows } from "./asked.ts";
import { type Box, frame } from "./box.ts";

/** What is asked before a reset: y, and then the word. */
export const RESET_QUESTION: Question = { text: "Delete it?", phrase: "delete", isDangerous: true };

export function askReset(nowMs: number): Asked {
  return { ...nothingAsked(nowMs), step: "confirm" };
}

/** What would be lost, and the questions. */
export function resetBox(view: View, asked: Asked, widthMax: number, heightMax: number): Box {
  const width = Math.min(widthMax - 4, 66);
  const nodes = [...view.model.nodes.keys()].sort();
  const unfinished = unfinishedCount(view.model);
  const lines = [
    `This deletes, for good, what ${nodes.join(", ")} keep: every commit and every reservation.`,
    `${counted(view.model.transactions.size, "transaction")} known here will be gone. All nodes stop and start anew.`,
    ...(unfinished === 0
      ? []
      : [
          `${counted(unfinished, "of them is", "of them are")} not finished${keyHint(view.ui.bindings, "restart", "restarts what is down and goes on")}.`,
        ]),
  ];
  const rows = lines.flatMap((line) => wrapText(line, width)).map((line): Row => [span(line)]);
  const hint = asked.step === "confirm" ? "y / N" : "Enter deletes  Esc cancels";
  return frame("Reset", [...rows, [], ...questionRows(asked, RESET_QUESTION)], hint, widthMax, heightMax);
}
