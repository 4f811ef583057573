import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { HeldMessage } from "../schema/injection.ts";
import type { Model } from "./model.ts";
import { sortedNodes } from "./node-status.ts";

/** A message that waits to be let go, and where. */
export interface HeldAt {
  readonly node: NodeName;
  readonly held: HeldMessage;
}

/** All messages that wait in the cluster, those that have waited longest first. */
export function heldMessages(model: Model): readonly HeldAt[] {
  return sortedNodes(model)
    .flatMap(({ name, held }) => held.map((each) => ({ node: name, held: each })))
    .sort((a, b) => a.held.atMs - b.held.atMs);
}

/** The longest waiting one, with all others that belong to the same phase of the same transaction. */
export function heldPhase(model: Model): readonly HeldAt[] {
  const all = heldMessages(model);
  const [first] = all;
  if (first === undefined) return [];
  const { transactionId, message } = first.held;
  return all.filter(({ held }) => held.transactionId === transactionId && held.message === message);
}

/** Whether any node holds its messages back. */
export function isHolding(model: Model): boolean {
  return [...model.nodes.values()].some(({ view }) => view?.injected?.isHolding);
}

/** How many messages of a transaction wait. */
export function heldOf(model: Model, id: TransactionId): number {
  let count = 0;
  for (const { held } of model.nodes.values()) {
    for (const { transactionId } of held) if (transactionId === id) count += 1;
  }
  return count;
}
