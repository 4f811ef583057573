import { sortedNodes } from "../observe/node-status.ts";
import { dialogBox } from "./dialogs/boxes.ts";
import { clusterRow, tabsRow } from "./header.ts";
import { type Binding, keyName } from "./keymap.ts";
import { placeRow } from "./replay/place-row.ts";
import { fitRow, overlayRows, type Row, rowWidth, span } from "./row.ts";
import { bodyRows } from "./screens/screens.ts";
import { troubleRow } from "./trouble.ts";
import type { View } from "./view.ts";

export const COLUMNS_MIN = 40;
export const ROWS_MIN = 10;

/** The whole screen: exactly `height` rows of exactly `width` columns. */
export function frameRows(view: View, width: number, height: number): readonly Row[] {
  if (isTooSmall(width, height)) return tooSmallRows(width, height);
  const head = [clusterRow(view, width), tabsRow(view, width)];
  const place = view.ui.replay === null ? [] : [placeRow(view.ui.replay, width)];
  const foot = [...place, messageRow(view, width), hintRow(view, width)];
  const room = height - head.length - foot.length;
  const rows = [...head, ...bodyRows(view, width, room), ...foot];
  return withDialog(view, rows, width, height).map((row) => fitRow(row, width));
}

export function isTooSmall(width: number, height: number): boolean {
  return width < COLUMNS_MIN || height < ROWS_MIN;
}

function tooSmallRows(width: number, height: number): readonly Row[] {
  const lines = [
    "2pc-console",
    `needs ${COLUMNS_MIN}x${ROWS_MIN}, has ${width}x${height}`,
    "enlarge it, or q quits",
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

/** The filter being typed, else the last thing that happened to the user's own doing. */
function messageRow(view: View, width: number): Row {
  const { ui } = view;
  if (ui.typingFilter) {
    return [
      span("/", "title"),
      span(`${ui.filter}_`, "strong"),
      span("   Enter keeps it, Esc clears it", "dim"),
    ];
  }
  if (ui.flash !== null) return fitRow([span(ui.flash.text, ui.flash.tone)], width);
  if (ui.filter !== "") return [span(`filter /${ui.filter}`, "accent"), span("   Esc clears it", "dim")];
  if (ui.frozen !== null) return [span("view frozen; Space thaws it", "warn")];
  const alarm = sortedNodes(view.model).flatMap(
    (node) => node.view?.alarms.slice(-1).map((text) => `${node.name}: ${text}`) ?? [],
  );
  return alarm[0] === undefined ? troubleRow(view) : [span(`! ${alarm[0]}`, "bad")];
}

/** `?` first and always; then as many keys as fit. */
function hintRow(view: View, width: number): Row {
  const inDetail = view.ui.detail !== null;
  const wordOf = (binding: Binding) => (inDetail ? binding.hintInDetail : binding.hint);
  let row: Row = [];
  for (const binding of view.ui.bindings) {
    const word = wordOf(binding);
    if (word === undefined || (view.readOnly && binding.acts)) continue;
    const next: Row = [
      ...row,
      ...(row.length === 0 ? [] : [span("  ")]),
      span(keyName(binding.keys[0] ?? ""), "title"),
      span(` ${word}`, "dim"),
    ];
    if (rowWidth(next) > width) break;
    row = next;
  }
  return row;
}
