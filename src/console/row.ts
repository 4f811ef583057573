import { cellWidth, clean, sliceCells } from "./cell-width.ts";

/** What a piece of text is, not how it looks; `theme.ts` decides that. */
export type Tone =
  | "plain"
  | "dim"
  | "strong"
  | "good"
  | "warn"
  | "bad"
  | "accent"
  | "selected"
  | "title"
  | "match";

export interface Span {
  readonly tone: Tone;
  readonly text: string;
}

/** One line of the screen before it is painted. */
export type Row = readonly Span[];

/** A span of clean text. */
export function span(text: string, tone: Tone = "plain"): Span {
  return { tone, text: clean(text) };
}

export function rowWidth(row: Row): number {
  return row.reduce((sum, each) => sum + cellWidth(each.text), 0);
}

/** Exactly `width` columns: cut with an ellipsis, or filled on the right. */
export function fitRow(row: Row, width: number): Row {
  const length = rowWidth(row);
  if (length === width) return row;
  if (length < width)
    return [
      ...row,
      { tone: row.at(-1)?.tone === "selected" ? "selected" : "plain", text: " ".repeat(width - length) },
    ];
  if (width <= 0) return [];
  const cut = sliceRow(row, 0, width - 1);
  return [...cut, { tone: cut.at(-1)?.tone ?? "plain", text: "…" }];
}

/** Columns `from` (inclusive) to `to` (exclusive). */
export function sliceRow(row: Row, from: number, to: number): Row {
  const result: Span[] = [];
  let column = 0;
  for (const each of row) {
    const width = cellWidth(each.text);
    if (column < to && column + width > from) {
      result.push({ tone: each.tone, text: sliceCells(each.text, Math.max(0, from - column), to - column) });
    }
    column += width;
  }
  return result;
}

/** Exactly `width` columns of text, cut with an ellipsis. */
export function fitText(text: string, width: number, align: "left" | "right" = "left"): string {
  if (width <= 0) return "";
  const safe = clean(text);
  const length = cellWidth(safe);
  if (length > width) return `${sliceCells(safe, 0, width - 1)}…`;
  const fill = " ".repeat(width - length);
  return align === "right" ? fill + safe : safe + fill;
}

/** The row as the one that is selected. */
export function selectedRow(row: Row, width: number): Row {
  return fitRow(row, width).map((each) => ({ tone: "selected", text: each.text }));
}

/** A rule with a title: `── Transactions 5 ─────`. */
export function titleRow(
  title: string,
  width: number,
  options: { focused?: boolean; note?: string } = {},
): Row {
  const tone = options.focused ? "title" : "strong";
  const note = options.note === undefined || options.note === "" ? [] : [span(` ${options.note}`, "dim")];
  const head: Row = [span("── ", "dim"), span(title, tone), ...note, span(" ")];
  const rest = width - rowWidth(head);
  return rest <= 0 ? fitRow(head, width) : [...head, span("─".repeat(rest), "dim")];
}

/** Columns side by side, divided by a line; each as high as `height`. */
export function besideRows(
  columns: readonly { readonly rows: readonly Row[]; readonly width: number }[],
  height: number,
): readonly Row[] {
  return Array.from({ length: height }, (_, index) =>
    columns.flatMap(({ rows, width }, position) => [
      ...(position === 0 ? [] : [span(" │ ", "dim")]),
      ...fitRow(rows[index] ?? [], width),
    ]),
  );
}

/** Exactly `height` rows. */
export function fitHeight(rows: readonly Row[], height: number): readonly Row[] {
  return Array.from({ length: Math.max(0, height) }, (_, index) => rows[index] ?? []);
}

/** `box` laid over `rows`, its upper left corner at (`x`, `y`). */
export function overlayRows(
  rows: readonly Row[],
  box: readonly Row[],
  place: { readonly x: number; readonly y: number; readonly width: number; readonly screenWidth: number },
): readonly Row[] {
  return rows.map((row, index) => {
    const over = box[index - place.y];
    if (over === undefined) return row;
    const whole = fitRow(row, place.screenWidth);
    return [
      ...sliceRow(whole, 0, place.x),
      ...fitRow(over, place.width),
      ...sliceRow(whole, place.x + place.width, place.screenWidth),
    ];
  });
}

/** The text of a row without its tones. */
export function plainText(row: Row): string {
  return row.map((each) => each.text).join("");
}

/** Words of `text` in lines of at most `width` columns. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of clean(text).split(" ")) {
    if (line !== "" && cellWidth(line) + 1 + cellWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** A text in lines of exactly `width` columns but the last, broken anywhere. */
export function hardWrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const character of text) {
    const columns = cellWidth(character);
    if (used + columns > Math.max(2, width)) {
      lines.push(line);
      line = "";
      used = 0;
    }
    line += character;
    used += columns;
  }
  return [...lines, line];
}
