import { fitRow, fitText, type Row, type Span, span } from "./row.ts";

/** One column of a table. */
export interface Column<Item> {
  readonly title: string;
  /** Columns of the screen; the least where `grow` is set. */
  readonly width: number;
  /** Takes a share of what is left over. */
  readonly grow?: number;
  readonly align?: "right";
  /** Blanks before it; 2 where absent. */
  readonly gap?: number;
  /** Columns with a higher figure are left out first on narrow screens; 0 stays always. */
  readonly drop: number;
  cell(item: Item): Span;
}

/** The columns that fit, with the widths they get. */
export interface Layout<Item> {
  readonly columns: readonly { readonly column: Column<Item>; readonly width: number }[];
  readonly width: number;
}

export function layoutColumns<Item>(all: readonly Column<Item>[], width: number): Layout<Item> {
  let columns = [...all];
  while (leastWidth(columns) > width) {
    const worst = columns.reduce((a, b) => (b.drop >= a.drop ? b : a));
    if (worst.drop === 0) break;
    columns = columns.filter((column) => column !== worst);
  }
  const spare = Math.max(0, width - leastWidth(columns));
  const shares = columns.reduce((sum, column) => sum + (column.grow ?? 0), 0);
  let left = spare;
  const sized = columns.map((column) => {
    const share = shares === 0 ? 0 : Math.floor((spare * (column.grow ?? 0)) / shares);
    left -= share;
    return { column, width: column.width + share };
  });
  const last = sized.findLast(({ column }) => (column.grow ?? 0) > 0);
  return {
    columns: sized.map((each) => (each === last ? { ...each, width: each.width + left } : each)),
    width,
  };
}

function leastWidth<Item>(columns: readonly Column<Item>[]): number {
  return columns.reduce(
    (sum, column, index) => sum + column.width + (index === 0 ? 0 : (column.gap ?? 2)),
    0,
  );
}

export function headerRow<Item>(layout: Layout<Item>): Row {
  return cellsRow(layout, (column) => span(column.title, "dim"));
}

export function itemRow<Item>(layout: Layout<Item>, item: Item): Row {
  return cellsRow(layout, (column) => column.cell(item));
}

function cellsRow<Item>(layout: Layout<Item>, cellOf: (column: Column<Item>) => Span): Row {
  const row = layout.columns.flatMap(({ column, width }, index) => {
    const { tone, text } = cellOf(column);
    const gap = index === 0 ? 0 : (column.gap ?? 2);
    return [span(" ".repeat(gap)), { tone, text: fitText(text, width, column.align) }];
  });
  return fitRow(row, layout.width);
}

/** Which part of a list of `count` is shown in `height` rows so that `selected` is among them. */
export function visibleFrom(count: number, selected: number, height: number): number {
  const centred = selected - Math.floor(height / 2);
  return Math.max(0, Math.min(centred, count - height));
}
