import type { Transaction } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import { failurePane } from "../panes/failure-pane.ts";
import { eventTail } from "../panes/log-pane.ts";
import { nodesLine, nodesPane } from "../panes/nodes-pane.ts";
import { ledgerLines, ledgerPane, stockLines, stockPane } from "../panes/stock-pane.ts";
import { listTransactions, selectedOf } from "../panes/transaction-list.ts";
import { transactionsPane } from "../panes/transactions-pane.ts";
import { besideRows, fitHeight, type Row, span, titleRow } from "../row.ts";
import { sequenceTail } from "../tabs/sequence.ts";
import type { View } from "../view.ts";

const WIDE = 110;
const VERY_WIDE = 170;
/** Below this height the nodes take one row and the events none. */
const LOW = 16;

/** Nodes, transactions and events; on wide screens the selected transaction, stock and ledger beside them. */
export function dashboard(view: View, width: number, height: number): readonly Row[] {
  if (width < WIDE || height < LOW) return mainColumn(view, width, height);
  if (width < VERY_WIDE) {
    const right = Math.floor(width * 0.4);
    const left = width - right - 3;
    return besideRows(
      [
        { rows: mainColumn(view, left, height), width: left },
        { rows: besideColumn(view, right, height), width: right },
      ],
      height,
    );
  }
  const side = Math.min(50, Math.floor(width * 0.26));
  const middle = Math.min(60, Math.floor(width * 0.28));
  const left = width - side - middle - 6;
  return besideRows(
    [
      { rows: mainColumn(view, left, height), width: left },
      { rows: sequenceColumn(view, middle, height), width: middle },
      { rows: rowsColumn(view, side, height), width: side },
    ],
    height,
  );
}

function mainColumn(view: View, width: number, height: number): readonly Row[] {
  const failures = failurePane(view, width, height < LOW ? 3 : 8, height - 1);
  if (height < LOW) {
    const head = [nodesLine(view, width), ...failures];
    return fitHeight([...head, ...transactionsPane(view, width, height - head.length, true)], height);
  }
  const nodes = nodesPane(view, width, { header: height >= 24, selected: null });
  const head = [...nodes, ...(height >= 24 ? [[]] : []), ...failures];
  const left = height - head.length;
  const events = Math.max(4, Math.floor(left * 0.4));
  const list = fitHeight(transactionsPane(view, width, left - events, true), left - events);
  return fitHeight([...head, ...list, ...eventTail(view, width, events)], height);
}

function besideColumn(view: View, width: number, height: number): readonly Row[] {
  const stock = Math.min(stockLines(view).length + 2, Math.floor(height * 0.24));
  const ledger = Math.min(ledgerLines(view).length + 2, Math.floor(height * 0.24));
  const sequence = height - stock - ledger;
  return [
    ...fitHeight(sequenceColumn(view, width, sequence), sequence),
    ...fitHeight(stockPane(view, width, stock, { focused: false }), stock),
    ...fitHeight(ledgerPane(view, width, ledger, { focused: false }), ledger),
  ];
}

function rowsColumn(view: View, width: number, height: number): readonly Row[] {
  const wanted = stockLines(view).length + 3;
  const stock = Math.min(wanted, Math.floor(height / 2));
  return [
    ...fitHeight(stockPane(view, width, stock, { focused: false }), stock),
    ...fitHeight(ledgerPane(view, width, height - stock, { focused: false }), height - stock),
  ];
}

/** The messages of the transaction under the cursor. */
export function sequenceColumn(view: View, width: number, height: number): readonly Row[] {
  const chosen = selectedOf(view, listTransactions(view));
  if (chosen === null) {
    return [titleRow("Sequence", width), [span("  the messages of the chosen transaction", "dim")]];
  }
  return [
    titleRow(`Sequence of ${nameOf(view, chosen)}`, width, { note: "Enter opens" }),
    ...sequenceTail(view, chosen, width, height - 1),
  ];
}

function nameOf(view: View, transaction: Transaction): string {
  return shortId(transaction.id, hasManyCoordinators(view.model));
}
