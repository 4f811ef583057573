import { attemptsOf } from "../observe/attempts.ts";
import type { NodeState, Transaction } from "../observe/model.ts";
import { sortedNodes } from "../observe/node-status.ts";
import { isFinished, transactionStatus } from "../observe/transaction.ts";
import { listTransactions, listUnfinished, selectedOf } from "./panes/transactions-pane.ts";
import type { View } from "./view.ts";

/** The transactions of the current screen, in its order. */
export function currentList(view: View): readonly Transaction[] {
  return view.ui.screen === "in-doubt" ? listUnfinished(view) : listTransactions(view);
}

/** The transaction under the cursor of the current screen. */
export function chosenTransaction(view: View): Transaction | null {
  return selectedOf(view, currentList(view));
}

/** The transaction whose detail is open: of a request that is tried again, the newest attempt. */
export function openedTransaction({ model, ui }: View): Transaction | null {
  const opened = ui.detail === null ? undefined : model.transactions.get(ui.detail);
  if (opened === undefined) return null;
  return isFinished(transactionStatus(model, opened)) ? (attemptsOf(model, opened).at(-1) ?? opened) : opened;
}

/** The node under the cursor. */
export function chosenNode(view: View): NodeState | null {
  const nodes = sortedNodes(view.model);
  return nodes.find((node) => node.name === view.ui.selectedNode) ?? nodes[0] ?? null;
}
