import type { Transaction } from "../../observe/model.ts";
import { keyFor } from "../keymap.ts";
import { besideRows, fitHeight, type Row, rowWidth, span, titleRow } from "../row.ts";
import { costRows } from "../tabs/cost.ts";
import { effectsRows } from "../tabs/effects.ts";
import { rawRows } from "../tabs/raw.ts";
import { recordsRows } from "../tabs/records.ts";
import { sequenceTail, sequenceView } from "../tabs/sequence.ts";
import { detailTitle, summaryRows } from "../tabs/summary.ts";
import { votesRows } from "../tabs/votes.ts";
import { DETAIL_TABS, type DetailTab } from "../ui.ts";
import type { View } from "../view.ts";

const WIDE = 110;
const VERY_WIDE = 170;
/** Below this many rows a second column helps nobody. */
const TALL = 12;

export const TAB_TITLES: Readonly<Record<DetailTab, string>> = {
  sequence: "Sequence",
  votes: "Votes",
  records: "Log records",
  effects: "Effects",
  cost: "Cost",
  raw: "Raw",
};

/** One transaction: summary, then its tabs; on wide screens the sequence with the chosen tab, or all figures, beside it. */
export function detailScreen(
  view: View,
  transaction: Transaction,
  width: number,
  height: number,
): readonly Row[] {
  const parts = layDetail(view, transaction, width, height);
  return fitHeight([...parts.head, ...bodyOf(view, transaction, parts)], height);
}

/** How far the chosen tab can be scrolled: the first row of its last page. */
export function detailScrollMax(view: View, transaction: Transaction, width: number, height: number): number {
  return detailTab(view, transaction, width, height).last;
}

/** All rows of the chosen tab, the first that is shown, and the first of the last page. */
export function detailTab(view: View, transaction: Transaction, width: number, height: number) {
  const { tabWidth, tabHeight } = layDetail(view, transaction, width, height);
  const { rows, from, room } = window(view, transaction, tabWidth, tabHeight);
  return { rows, from, last: Math.max(0, rows.length - room) };
}

interface Parts {
  readonly head: readonly Row[];
  readonly width: number;
  readonly height: number;
  /** The room of the chosen tab. */
  readonly tabWidth: number;
  readonly tabHeight: number;
  readonly columns: 1 | 2 | 3;
}

function layDetail(view: View, transaction: Transaction, width: number, height: number): Parts {
  const title = titleRow(detailTitle(view, transaction), width, { focused: true, note: "Esc closes" });
  const { detailTab, zoomed } = view.ui;
  const summary = zoomed ? [] : summaryRows(view, transaction, width, Math.max(2, Math.floor(height * 0.35)));
  const gap = height >= 18 && !zoomed ? [[]] : [];
  const above = [title, ...summary, ...gap];
  const left = Math.max(1, height - above.length - 1);
  const columns =
    zoomed || width < WIDE || left < TALL ? 1 : width < VERY_WIDE || detailTab !== "sequence" ? 2 : 3;
  const side = sideWidth(width, columns);
  const isBeside = columns > 1 && detailTab !== "sequence";
  const tabWidth = columns === 1 ? width : isBeside ? side : width - (side + 3) * (columns - 1);
  // Beside others, a tab has a title of its own.
  const tabHeight = columns === 1 ? left : left - 1;
  const place = placeOf(view, transaction, tabWidth, tabHeight);
  return {
    head: [...above, tabsRow(view, place, width)],
    width,
    height: left,
    tabWidth,
    tabHeight,
    columns,
  };
}

function sideWidth(width: number, columns: Parts["columns"]): number {
  return columns === 3 ? Math.floor(width * 0.28) : Math.max(52, Math.floor(width * 0.46));
}

function bodyOf(view: View, transaction: Transaction, parts: Parts): readonly Row[] {
  const { width, height, tabWidth, tabHeight, columns } = parts;
  const { detailTab } = view.ui;
  const tab = tabRows(view, transaction, tabWidth, tabHeight);
  if (columns === 1) return tab;
  const side = sideWidth(width, columns);
  const titled = (name: DetailTab, rows: readonly Row[], room: number): readonly Row[] => [
    titleRow(TAB_TITLES[name], room, {
      focused: name === detailTab,
      note: noteOf(view, transaction, name, room),
    }),
    ...rows,
  ];
  if (detailTab !== "sequence") {
    const left = width - side - 3;
    const sequence = titled("sequence", sequenceTail(view, transaction, left, tabHeight), left);
    return besideRows(
      [
        { rows: sequence, width: left },
        { rows: titled(detailTab, tab, side), width: side },
      ],
      height,
    );
  }
  const figures = (["votes", "cost", "effects"] as const).flatMap((name, index) => [
    ...(index === 0 ? [] : [[]]),
    ...titled(name, tabContent(view, transaction, side, name).rows, side),
  ]);
  const records = titled("records", tabContent(view, transaction, side, "records").rows, side);
  return besideRows(
    [
      { rows: titled("sequence", tab, tabWidth), width: tabWidth },
      { rows: figures, width: side },
      ...(columns === 3 ? [{ rows: records, width: side }] : []),
    ],
    height,
  );
}

function noteOf(view: View, transaction: Transaction, name: DetailTab, width: number): string {
  return name === "sequence" ? sequenceView(view, transaction, width, true).note : "";
}

/** The tabs by name, or where there is no room for all, the current one and which of them it is. */
function tabsRow({ ui }: View, place: string, width: number): Row {
  const { bindings, detailTab: current } = ui;
  const whole: Row = DETAIL_TABS.map((tab) =>
    span(` ${TAB_TITLES[tab]} `, tab === current ? "selected" : "plain"),
  );
  const number = ` ${DETAIL_TABS.indexOf(current) + 1} of ${DETAIL_TABS.length}`;
  const short = [span(` ${TAB_TITLES[current]} `, "selected"), span(number)];
  const turning = [keyFor(bindings, "previous-tab"), keyFor(bindings, "next-tab")].filter(
    (key) => key !== "",
  );
  const keys = span(turning.length === 0 ? "" : `  ${turning.join(" ")} change`, "dim");
  const rows = span(place === "" ? "" : `  ${place}`, "dim");
  const tried = [[...whole, rows, keys], [...whole, rows], whole, [...short, rows, keys]];
  return tried.find((row) => rowWidth(row) <= width) ?? [...short, rows];
}

/** `rows 4-17 of 32`; empty where all are shown. */
function placeOf(view: View, transaction: Transaction, width: number, height: number): string {
  const { from, room, rows } = window(view, transaction, width, height);
  return rows.length <= room ? "" : `rows ${from + 1}-${from + room} of ${rows.length}`;
}

function tabRows(view: View, transaction: Transaction, width: number, height: number): readonly Row[] {
  const { head, rows, from, room } = window(view, transaction, width, height);
  return [...head, ...rows.slice(from, from + room)];
}

/** The chosen tab as far as it is scrolled; the sequence follows its end until it is. */
function window(view: View, transaction: Transaction, width: number, height: number) {
  const { head, rows } = tabContent(view, transaction, width);
  const room = Math.max(1, height - head.length);
  const last = Math.max(0, rows.length - room);
  const natural = view.ui.detailTab === "sequence" ? last : 0;
  const from = Math.min(view.ui.detailOffset ?? natural, last);
  return { head, rows, from, room };
}

interface Content {
  /** Stays while the rest is scrolled. */
  readonly head: readonly Row[];
  readonly rows: readonly Row[];
}

function tabContent(
  view: View,
  transaction: Transaction,
  width: number,
  tab: DetailTab = view.ui.detailTab,
): Content {
  switch (tab) {
    case "sequence":
      return sequenceView(view, transaction, width);
    case "votes":
      return { head: [], rows: votesRows(view, transaction, width) };
    case "records":
      return { head: [], rows: recordsRows(view, transaction, width) };
    case "effects":
      return { head: [], rows: effectsRows(view, transaction, width) };
    case "cost":
      return { head: [], rows: costRows(view.model, transaction, width) };
    case "raw":
      return { head: [], rows: rawRows(view, transaction, width) };
  }
}
