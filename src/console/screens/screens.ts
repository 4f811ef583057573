import { doubtPane } from "../panes/doubt-pane.ts";
import { failurePane } from "../panes/failure-pane.ts";
import { eventTail, logPane } from "../panes/log-pane.ts";
import { nodesPane } from "../panes/nodes-pane.ts";
import { invariantRow, ledgerLines, ledgerPane, stockLines, stockPane } from "../panes/stock-pane.ts";
import { nobodyYet, transactionsPane } from "../panes/transactions-pane.ts";
import { besideRows, fitHeight, type Row, span, titleRow } from "../row.ts";
import { chosenNode, listNodes, openedTransaction } from "../selection.ts";
import { sortNote } from "../sort.ts";
import { PANES } from "../ui.ts";
import type { View } from "../view.ts";
import { dashboard, sequenceColumn } from "./dashboard.ts";
import { detailScreen } from "./detail.ts";
import { nodeDetail } from "./node-detail.ts";

/** Everything between the header and the hints, exactly `height` rows. */
export function bodyRows(view: View, width: number, height: number): readonly Row[] {
  const opened = openedTransaction(view);
  const rows = opened === null ? screenRows(view, width, height) : detailScreen(view, opened, width, height);
  return fitHeight(rows, height);
}

function screenRows(view: View, width: number, height: number): readonly Row[] {
  if (view.ui.zoomed) return zoomedPane(view, width, height);
  switch (view.ui.screen) {
    case "dashboard":
      return dashboard(view, width, height);
    case "transactions":
      return transactionsPane(view, width, height, true);
    case "participants":
      return participantsScreen(view, width, height);
    case "in-doubt":
      return doubtPane(view, width, height);
    case "stock":
      return stockScreen(view, width, height);
    case "log":
      return logPane(view, width, height);
  }
}

/** One pane of a screen that has several. */
function zoomedPane(view: View, width: number, height: number): readonly Row[] {
  const { screen, pane } = view.ui;
  switch (PANES[screen][pane]) {
    case "events":
      return logPane(view, width, height);
    case "sequence":
      return sequenceColumn(view, width, height);
    case "stock":
      return stockPane(view, width, height, { focused: true });
    case "ledger":
      return ledgerPane(view, width, height, { focused: true });
    default:
      return transactionsPane(view, width, height, true);
  }
}

function participantsScreen(view: View, width: number, height: number): readonly Row[] {
  const node = chosenNode(view);
  const table = nodesPane(view, width, { header: true, selected: node?.name ?? null });
  const failures = failurePane(view, width, 10, height - table.length - 1);
  const head = [titleRow("Nodes", width, { focused: true, note: nodesNote(view) }), ...table, ...failures];
  const detail = node === null ? [[span(`  ${noNode(view)}`, "dim")]] : nodeDetail(view, node, width);
  const left = height - head.length - detail.length - 1;
  const events = left >= 4 ? eventTail(view, width, left) : [];
  return [...head, [], ...detail, ...events];
}

function nodesNote(view: View): string {
  const { model, ui } = view;
  const all = String(model.nodes.size);
  const count = ui.filter === "" ? all : `${listNodes(view).length} of ${all} match`;
  return [count, sortNote(ui.sorts.nodes)].filter((text) => text !== "").join(", ");
}

function noNode(view: View): string {
  return view.model.nodes.size === 0 ? nobodyYet(view) : "nothing matches; Esc clears the filter";
}

/** A title, the names of the columns, and a row. */
const PANE_MIN = 3;

function stockScreen(view: View, width: number, height: number): readonly Row[] {
  const { pane } = view.ui;
  const left = { focused: pane === 0 };
  const right = { focused: pane === 1 };
  const room = height - 1;
  if (width >= 100) {
    const half = Math.floor((width - 3) / 2);
    const rest = width - 3 - half;
    const columns = [
      { rows: stockPane(view, half, room, left), width: half },
      { rows: ledgerPane(view, rest, room, right), width: rest },
    ];
    return [...besideRows(columns, room), invariantRow(view)];
  }
  // Two panes without a row in them would say nothing.
  if (room < 2 * PANE_MIN) {
    const rows = pane === 0 ? stockPane(view, width, room, left) : ledgerPane(view, width, room, right);
    return [...fitHeight(rows, room), invariantRow(view)];
  }
  const wanted = Math.max(
    PANE_MIN,
    Math.min(stockLines(view).length + 2, room - (ledgerLines(view).length + 2)),
  );
  const stock = Math.max(Math.floor(room / 2), Math.min(wanted, room - 4));
  return [
    ...fitHeight(stockPane(view, width, stock, left), stock),
    ...fitHeight(ledgerPane(view, width, room - stock, right), room - stock),
    invariantRow(view),
  ];
}
