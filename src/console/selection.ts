import { attemptsOf } from "../observe/attempts.ts";
import type { Model, NodeState, Transaction } from "../observe/model.ts";
import { exitWords, nodeStatus, peerViewOf, sortedNodes } from "../observe/node-status.ts";
import { isFinished, transactionStatus } from "../observe/transaction.ts";
import type { NodeName } from "../schema/ids.ts";
import { factsOfNode } from "./facts.ts";
import { parseFilter, passes } from "./filter.ts";
import { listTransactions, listUnfinished, selectedOf } from "./panes/transaction-list.ts";
import { type Keys, sorted } from "./sort.ts";
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

/** The nodes of the screen of nodes, that the filter leaves, in its order; elsewhere all. */
export function listNodes(view: View): readonly NodeState[] {
  const { model, ui } = view;
  if (ui.screen !== "participants") return sortedNodes(model);
  const filter = parseFilter(ui.filter);
  const left = sortedNodes(model).filter((node) => passes(filter, factsOfNode(node, exitWords(node) ?? "")));
  return sorted(left, ui.sorts.nodes, nodeKeys(model));
}

export const NODE_COLUMNS = ["NODE", "STATE", "RTT", "EPOCH"] as const;

function nodeKeys(model: Model): Keys<NodeState> {
  const keys: Record<(typeof NODE_COLUMNS)[number], Keys<NodeState>[string]> = {
    NODE: (node) => node.name,
    STATE: (node) => nodeStatus(node),
    RTT: (node) => -(peerViewOf(model, node.name)?.roundTripMs ?? -1),
    EPOCH: (node) => -(node.view?.epoch ?? 0),
  };
  return keys;
}

/** The node under the cursor. */
export function chosenNode(view: View): NodeState | null {
  const nodes = listNodes(view);
  return nodes.find((node) => node.name === view.ui.selectedNode) ?? nodes[0] ?? null;
}

/** The node chosen among the participants; elsewhere the first participant that is up. */
export function preferredNode(view: View): NodeName | null {
  if (view.ui.screen === "participants") return chosenNode(view)?.name ?? null;
  for (const node of view.model.nodes.values()) {
    if (node.kind !== "coordinator" && nodeStatus(node) === "up") return node.name;
  }
  return null;
}
