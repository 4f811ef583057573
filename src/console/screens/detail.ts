import type { Transaction } from "../../observe/model.ts";
import {
  costRows,
  detailTitle,
  summaryRows,
  transactionLogRows,
  votesRows,
  workRows,
} from "../panes/detail-pane.ts";
import { sequenceRows } from "../panes/sequence-pane.ts";
import { besideRows, fitHeight, type Row, span, titleRow } from "../row.ts";
import { DETAIL_TABS, type DetailTab } from "../ui.ts";
import type { View } from "../view.ts";

const WIDE = 110;

/** One transaction: summary, then its tabs; on wide screens the sequence with all figures beside it. */
export function detailScreen(
  view: View,
  transaction: Transaction,
  width: number,
  height: number,
): readonly Row[] {
  const head = [titleRow(detailTitle(view, transaction), width, { focused: true, note: "Esc closes" })];
  const summary = [...head, ...summaryRows(view, transaction, width), []];
  const left = height - summary.length;
  if (width >= WIDE && left >= 20) return [...summary, ...wideBody(view, transaction, width, left)];
  const tabs = tabsRow(view.ui.detailTab);
  const body = tabBody(view, transaction, width, left - 1);
  return fitHeight([...summary, tabs, ...body], height);
}

function wideBody(view: View, transaction: Transaction, width: number, height: number): readonly Row[] {
  const right = Math.max(50, Math.floor(width * 0.46));
  const left = width - right - 3;
  const figures = [
    titleRow("Votes", right),
    ...votesRows(view, transaction, right),
    [],
    titleRow("Work", right),
    ...workRows(transaction, right),
    [],
    titleRow("Cost", right, { note: "beside presumed abort" }),
    ...costRows(transaction),
  ];
  return besideRows(
    [
      {
        rows: [titleRow("Sequence", left), ...sequenceRows(view, transaction, left, height - 1)],
        width: left,
      },
      { rows: figures, width: right },
    ],
    height,
  );
}

function tabsRow(current: DetailTab): Row {
  return [
    ...DETAIL_TABS.flatMap((tab) => [span(` ${tab} `, tab === current ? "selected" : "plain"), span(" ")]),
    span(" [ ] change", "dim"),
  ];
}

function tabBody(view: View, transaction: Transaction, width: number, height: number): readonly Row[] {
  const rows = tabRows(view, transaction, width, height);
  const from = Math.max(0, Math.min(view.ui.offsets.detail, rows.length - height));
  return rows.slice(from, from + height);
}

function tabRows(view: View, transaction: Transaction, width: number, height: number): readonly Row[] {
  switch (view.ui.detailTab) {
    case "sequence":
      return sequenceRows(view, transaction, width, height);
    case "votes":
      return votesRows(view, transaction, width);
    case "work":
      return workRows(transaction, width);
    case "cost":
      return costRows(transaction);
    case "log":
      return transactionLogRows(view, transaction);
  }
}
