import { dialogBox } from "./dialogs/boxes.ts";
import { markedWords, parseFilter } from "./filter.ts";
import { hintRow, messageRows } from "./foot.ts";
import { clusterRow, tabsRow } from "./header.ts";
import { highlightRow } from "./highlight.ts";
import { keyFor } from "./keymap.ts";
import { timeRows } from "./replay/time-rows.ts";
import { fitRow, overlayRows, type Row, span } from "./row.ts";
import { bodyRows } from "./screens/screens.ts";
import { activeFilter } from "./ui.ts";
import type { View } from "./view.ts";

export const COLUMNS_MIN = 40;
export const ROWS_MIN = 10;

/** The whole screen: exactly `height` rows of exactly `width` columns. */
export function frameRows(view: View, width: number, height: number): readonly Row[] {
  if (isTooSmall(width, height)) return tooSmallRows(view, width, height);
  const head = [clusterRow(view, width), tabsRow(view, width)];
  const foot = footRows(view, width, height);
  const room = height - head.length - foot.length;
  const words = markedWords(parseFilter(activeFilter(view.ui)));
  const body = bodyRows(view, width, room).map((row) => highlightRow(row, words));
  const rows = [...head, ...body, ...foot];
  return withDialog(view, rows, width, height).map((row) => fitRow(row, width));
}

/** How many rows there are between header and foot. */
export function bodyHeight(view: View, width: number, height: number): number {
  return height - HEAD_ROWS - footRows(view, width, height).length;
}

const HEAD_ROWS = 2;

function footRows(view: View, width: number, height: number): readonly Row[] {
  return [...timeRows(view, width), ...messageRows(view, width, height), hintRow(view, width)];
}

export function isTooSmall(width: number, height: number): boolean {
  return width < COLUMNS_MIN || height < ROWS_MIN;
}

function tooSmallRows({ ui }: View, width: number, height: number): readonly Row[] {
  const isAsked = ui.dialog?.type === "confirm" && ui.dialog.onYes === "quit";
  const lines = [
    "2pc-console",
    `needs ${COLUMNS_MIN}x${ROWS_MIN}, has ${width}x${height}`,
    ui.interrupted
      ? "Ctrl-C again quits at once"
      : isAsked
        ? "not all is finished: quit? y / N"
        : `enlarge it, or ${keyFor(ui.bindings, "quit")} quits`,
  ];
  return Array.from({ length: height }, (_, index) => fitRow([span(lines[index] ?? "")], width));
}

function withDialog(view: View, rows: readonly Row[], width: number, height: number): readonly Row[] {
  const { dialog } = view.ui;
  if (dialog === null) return rows;
  // The hint row stays visible under every dialog.
  const box = dialogBox(view, dialog, width, height - 2);
  const x = Math.max(0, Math.floor((width - box.width) / 2));
  const y = Math.max(1, Math.floor((height - 1 - box.rows.length) / 2));
  return overlayRows(rows, box.rows, { x, y, width: box.width, screenWidth: width });
}
