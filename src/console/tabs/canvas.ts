import { characterWidth, clean } from "../cell-width.ts";
import type { Row, Span, Tone } from "../row.ts";

/** A row of single cells that can be drawn over. */
export interface Canvas {
  draw(column: number, text: string, tone: Tone): void;
  row(): Row;
}

export function createCanvas(width: number): Canvas {
  const cells = Array.from({ length: width }, () => ({ text: " ", tone: "plain" as Tone }));
  return {
    draw(column, text, tone) {
      let at = column;
      for (const character of clean(text)) {
        const cell = cells[at];
        // A lane is one cell wide; what takes two, or none, would move all that is behind it.
        if (cell !== undefined) {
          cell.text = characterWidth(character) === 1 ? character : "·";
          cell.tone = tone;
        }
        at += 1;
      }
    },
    row: () => joined(cells),
  };
}

function joined(cells: readonly Span[]): Row {
  const spans: Span[] = [];
  for (const { text, tone } of cells) {
    const last = spans.at(-1);
    if (last?.tone === tone) spans[spans.length - 1] = { tone, text: last.text + text };
    else spans.push({ tone, text });
  }
  return spans;
}
