import { rgbOf } from "./palette.ts";
import type { Cell } from "./terminal.ts";

const CELL_WIDTH = 8;
const CELL_HEIGHT = 17;
const MARGIN = 12;

/** The terminal's own colours. */
export interface Paper {
  readonly text: string;
  readonly background: string;
}

export const DARK_PAPER: Paper = { text: "#d0d0d0", background: "#101216" };
export const LIGHT_PAPER: Paper = { text: "#202020", background: "#fafafa" };

/** A screen as a picture: one `<text>` for each run of cells that look alike, in the place that a terminal gives it. */
export function svgOf(cells: readonly (readonly Cell[])[], paper: Paper, title: string): string {
  const width = (cells[0]?.length ?? 0) * CELL_WIDTH + 2 * MARGIN;
  const height = cells.length * CELL_HEIGHT + 2 * MARGIN;
  const rows = cells.flatMap((row, index) => runsOf(row).flatMap((run) => drawRun(run, index, paper)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${paper.background}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="${paper.text}" xml:space="preserve">`,
    ...rows,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

interface Run {
  readonly column: number;
  readonly text: string;
  readonly look: Cell;
}

function runsOf(row: readonly Cell[]): readonly Run[] {
  const runs: Run[] = [];
  row.forEach((cell, column) => {
    const last = runs.at(-1);
    if (last !== undefined && isAlike(last.look, cell))
      runs[runs.length - 1] = { ...last, text: last.text + cell.text };
    else runs.push({ column, text: cell.text, look: cell });
  });
  return runs;
}

function isAlike(one: Cell, other: Cell): boolean {
  return (["fg", "bg", "bold", "underline", "inverse"] as const).every((key) => one[key] === other[key]);
}

function drawRun({ column, text, look }: Run, row: number, paper: Paper): readonly string[] {
  const x = MARGIN + column * CELL_WIDTH;
  const y = MARGIN + row * CELL_HEIGHT;
  const [front, back] = look.inverse
    ? [look.bg === null ? paper.background : cssOf(look.bg), look.fg === null ? paper.text : cssOf(look.fg)]
    : [look.fg === null ? null : cssOf(look.fg), look.bg === null ? null : cssOf(look.bg)];
  const drawn: string[] = [];
  if (back !== null)
    drawn.push(
      `<rect x="${x}" y="${y}" width="${text.length * CELL_WIDTH}" height="${CELL_HEIGHT}" fill="${back}"/>`,
    );
  const trimmed = text.trimEnd();
  if (trimmed === "") return drawn;
  const style = [
    front === null ? "" : ` fill="${front}"`,
    look.bold ? ' font-weight="bold"' : "",
    look.underline ? ' text-decoration="underline"' : "",
  ].join("");
  const length = [...trimmed].length * CELL_WIDTH;
  drawn.push(
    `<text x="${x}" y="${y + 13}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${style}>${escaped(trimmed)}</text>`,
  );
  return drawn;
}

function cssOf(color: number): string {
  return `#${rgbOf(color)
    .map((level) => level.toString(16).padStart(2, "0"))
    .join("")}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The lines of a picture as they were on the screen, without what they looked like. */
export function linesOf(svg: string): readonly string[] {
  const lines = new Map<number, string>();
  for (const [, x = "0", y = "0", text = ""] of svg.matchAll(
    /<text x="(\d+)" y="(\d+)"[^>]*>([^<]*)<\/text>/g,
  )) {
    const column = (Number(x) - MARGIN) / CELL_WIDTH;
    const row = (Number(y) - MARGIN - 13) / CELL_HEIGHT;
    const plain = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    lines.set(row, (lines.get(row) ?? "").padEnd(column) + plain);
  }
  const last = Math.max(-1, ...lines.keys());
  return Array.from({ length: last + 1 }, (_, row) => lines.get(row) ?? "");
}
