import { printable } from "../codec/printable.ts";

/** A column of a text table. */
export interface Column<Row> {
  readonly title: string;
  readonly align: "left" | "right";
  cell(row: Row): string;
}

/** A text table with a header line; `empty` stands for no rows. What came from elsewhere is made printable. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], empty: string): string {
  if (rows.length === 0) return empty;
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => (line[index] ?? "").length)),
  );
  const layOut = (line: readonly string[]): string =>
    line
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.align === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [columns.map((column) => column.title), ...cells].map(layOut).join("\n");
}
