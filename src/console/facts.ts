import type { LogEntry, Model, NodeState, Transaction } from "../observe/model.ts";
import { nodeStatus } from "../observe/node-status.ts";
import { shortId } from "../observe/short-id.ts";
import { participantNames, transactionStatus, workSummary } from "../observe/transaction.ts";
import { whyLine } from "../observe/why.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { Facts } from "./filter.ts";
import type { Level } from "./level.ts";

/** What a filter may ask of a transaction. */
export function factsOfTransaction(model: Model, transaction: Transaction): Facts {
  const { id, coordinator, coordinatorView } = transaction;
  const state = transactionStatus(model, transaction);
  const nodes = [...(coordinator === null ? [] : [coordinator]), ...participantNames(transaction)];
  const request = coordinatorView === null ? [] : [coordinatorView.requestId];
  return {
    text: () =>
      [id, state, ...nodes, ...request, workSummary(transaction), whyLine(model, transaction)].join(" "),
    nodes,
    transaction: [...idsOf(id), ...request],
    state,
    level: null,
  };
}

/** What a filter may ask of a line of the log. */
export function factsOfEntry(model: Model, entry: LogEntry, text: string, level: Level): Facts {
  const words = { text: () => text, level };
  if (entry.type !== "event") {
    const nodes = "node" in entry ? [entry.node] : [];
    return { ...words, nodes, transaction: [], state: null };
  }
  const { node, transactionId, body } = entry.event;
  const transaction = transactionId === null ? undefined : model.transactions.get(transactionId);
  const request = transaction?.coordinatorView?.requestId;
  return {
    ...words,
    nodes: [node, ...("to" in body ? [body.to] : []), ...("from" in body ? [body.from] : [])],
    transaction: [
      ...(transactionId === null ? [] : idsOf(transactionId)),
      ...(request === undefined ? [] : [request]),
    ],
    state: transaction === undefined ? null : transactionStatus(model, transaction),
  };
}

export function factsOfNode(node: NodeState, text: string): Facts {
  const state = nodeStatus(node);
  const words = `${node.name} ${node.kind ?? ""} ${state} ${text}`;
  return { text: () => words, nodes: [node.name], transaction: [], state, level: null };
}

/** What a filter may ask of a row of stock or accounts. */
export function factsOfRow(node: string, text: string): Facts {
  return { text: () => `${node} ${text}`, nodes: [node], transaction: [], state: null, level: null };
}

function idsOf(id: TransactionId): readonly string[] {
  return [shortId(id), shortId(id, true), id];
}
