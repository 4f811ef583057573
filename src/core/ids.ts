import type { Floor, NodeId, NodeName, StoreId, TransactionId } from "../schema/ids.ts";
import { invariant } from "./errors.ts";

export interface TransactionIdParts {
  readonly coordinatorId: NodeId;
  readonly coordinatorName: NodeName;
  readonly epoch: number;
  readonly counter: number;
}

/** The id of a node: its name and the random identity of its store. */
export function nodeIdOf(name: NodeName, storeId: StoreId): NodeId {
  return `${name}-${storeId}` as NodeId;
}

/** The name in a node id. */
export function nameOf(nodeId: NodeId): NodeName {
  return nodeId.slice(0, nodeId.lastIndexOf("-")) as NodeName;
}

export function makeTransactionId(coordinatorId: NodeId, epoch: number, counter: number): TransactionId {
  return `${coordinatorId}.${epoch}.${counter}` as TransactionId;
}

/** Splits an id that has passed the schema. */
export function parseTransactionId(transactionId: TransactionId): TransactionIdParts {
  const [coordinatorId, epoch, counter] = transactionId.split(".");
  invariant(coordinatorId && epoch && counter, `malformed transaction id ${transactionId}`);
  const id = coordinatorId as NodeId;
  return { coordinatorId: id, coordinatorName: nameOf(id), epoch: Number(epoch), counter: Number(counter) };
}

/** True when (epoch, counter) lies below the floor: the coordinator no longer prepares it. */
export function isBelow(place: { readonly epoch: number; readonly counter: number }, floor: Floor): boolean {
  return place.epoch < floor.epoch || (place.epoch === floor.epoch && place.counter < floor.counter);
}
