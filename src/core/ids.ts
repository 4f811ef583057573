import type { Floor, NodeId, NodeName, StoreId, TransactionId } from "../schema/ids.ts";
import { invariant } from "./errors.ts";

export interface TransactionIdParts {
  /** All before the counter, which every transaction of a run has in common. */
  readonly run: string;
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

/** The store in a node id. */
export function storeOf(nodeId: NodeId): StoreId {
  return nodeId.slice(nodeId.lastIndexOf("-") + 1) as StoreId;
}

export function makeTransactionId(coordinatorId: NodeId, epoch: number, counter: number): TransactionId {
  // Joined, it is one flat text, where a template is a rope of its parts: it is copied into a dozen messages and records.
  return [coordinatorId, epoch, counter].join(".") as TransactionId;
}

/** A step asks several times for the parts of the same id: those of the last one are kept. */
let lastParsed: TransactionId | null = null;
let lastParts: TransactionIdParts | null = null;

/** Splits an id that has passed the schema. */
export function parseTransactionId(transactionId: TransactionId): TransactionIdParts {
  if (transactionId === lastParsed && lastParts !== null) return lastParts;
  lastParts = splitTransactionId(transactionId);
  lastParsed = transactionId;
  return lastParts;
}

/** Most ids that a node meets are of the same few runs: what stands before the counter is not cut out of each of them anew. */
let lastRunParts: Omit<TransactionIdParts, "counter"> | null = null;

function splitTransactionId(transactionId: TransactionId): TransactionIdParts {
  const counterDot = dotBefore(transactionId, transactionId.length);
  const lastRun = lastRunParts?.run ?? "";
  const isOfLastRun = counterDot === lastRun.length && transactionId.startsWith(lastRun);
  if (lastRunParts === null || !isOfLastRun || transactionId.length === counterDot + 1)
    lastRunParts = splitRun(transactionId, counterDot);
  const { run, coordinatorId, coordinatorName, epoch } = lastRunParts;
  const counter = readDigits(transactionId, counterDot + 1, transactionId.length);
  return { run, coordinatorId, coordinatorName, epoch, counter };
}

function splitRun(transactionId: TransactionId, counterDot: number): Omit<TransactionIdParts, "counter"> {
  const epochDot = dotBefore(transactionId, counterDot);
  const isWhole = epochDot > 0 && counterDot > epochDot + 1 && transactionId.length > counterDot + 1;
  invariant(isWhole, `malformed transaction id ${transactionId}`);
  const run = transactionId.slice(0, counterDot);
  const coordinatorId = run.slice(0, epochDot) as NodeId;
  const epoch = readDigits(transactionId, epochDot + 1, counterDot);
  return { run, coordinatorId, coordinatorName: nameOf(coordinatorId), epoch };
}

const DOT = 0x2e;

/** The last dot before `end`, -1 without one. `lastIndexOf` is no part of the compiled code, and takes longer than all the rest. */
function dotBefore(text: string, end: number): number {
  let at = end - 1;
  while (at >= 0 && text.charCodeAt(at) !== DOT) at -= 1;
  return at;
}

function readDigits(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 10 + text.charCodeAt(at) - 0x30;
  return value;
}

/** True when (epoch, counter) lies below the floor: the coordinator no longer prepares it. */
export function isBelow(place: { readonly epoch: number; readonly counter: number }, floor: Floor): boolean {
  return place.epoch < floor.epoch || (place.epoch === floor.epoch && place.counter < floor.counter);
}

/** The same of a transaction of the floor's store; of its id nothing but the place is read. */
export function isIdBelow(transactionId: TransactionId, floor: Floor): boolean {
  const counterDot = dotBefore(transactionId, transactionId.length);
  const epoch = readDigits(transactionId, dotBefore(transactionId, counterDot) + 1, counterDot);
  if (epoch !== floor.epoch) return epoch < floor.epoch;
  return readDigits(transactionId, counterDot + 1, transactionId.length) < floor.counter;
}
