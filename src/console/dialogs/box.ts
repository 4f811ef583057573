import { fitRow, fitText, type Row, rowWidth, span } from "../row.ts";

/** A framed dialog, ready to be laid over the screen. */
export interface Box {
  readonly rows: readonly Row[];
  readonly width: number;
}

/** The rows of a dialog between a title and what its keys do, no larger than the given room. */
export function frame(
  title: string,
  content: readonly Row[],
  hint: string,
  widthMax: number,
  heightMax: number,
): Box {
  const inner = Math.min(
    widthMax - 4,
    Math.max(title.length + 4, hint.length + 2, ...content.map((row) => rowWidth(row))),
  );
  const side = span("│", "accent");
  const rule = (left: string, text: string, right: string): Row => {
    const label = text === "" ? "" : ` ${fitText(text, Math.min(inner - 2, text.length))} `;
    const rest = Math.max(0, inner + 1 - label.length);
    return [
      span(`${left}─`, "accent"),
      span(label, "strong"),
      span("─".repeat(rest), "accent"),
      span(right, "accent"),
    ];
  };
  const body = content
    .slice(0, Math.max(0, heightMax - 2))
    .map((row): Row => [side, span(" "), ...fitRow(row, inner), span(" "), side]);
  return { rows: [rule("┌", title, "┐"), ...body, rule("└", hint, "┘")], width: inner + 4 };
}
