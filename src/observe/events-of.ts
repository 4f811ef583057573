import type { NodeEvent } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { LogEntry } from "./model.ts";

type Log = readonly LogEntry[];

interface Index {
  readonly byTransaction: ReadonlyMap<TransactionId, readonly NodeEvent[]>;
  /** Faults that fired, by the place of the event before. */
  readonly fired: ReadonlyMap<string, string>;
}

/** A frame asks for many transactions; a log never changes. */
const known = new WeakMap<Log, Index>();

/** The events of one transaction that are still kept, in the order of the log. */
export function eventsOf(log: Log, id: TransactionId): readonly NodeEvent[] {
  return indexOf(log).byTransaction.get(id) ?? [];
}

/** The fault that its node told of right after the event, as it does of what befalls a message that it has sent; null where none. */
export function faultAfter(log: Log, { node, epoch, number }: NodeEvent): string | null {
  return indexOf(log).fired.get(placeOf(node, epoch, number)) ?? null;
}

function indexOf(log: Log): Index {
  const index = known.get(log) ?? makeIndex(log);
  known.set(log, index);
  return index;
}

function makeIndex(log: Log): Index {
  const byTransaction = new Map<TransactionId, NodeEvent[]>();
  const fired = new Map<string, string>();
  for (const entry of log) {
    if (entry.type !== "event") continue;
    const { event } = entry;
    const { node, epoch, number, transactionId, body } = event;
    if (body.type === "fault-fired") fired.set(placeOf(node, epoch, number - 1), body.fault);
    if (transactionId === null) continue;
    const events = byTransaction.get(transactionId);
    if (events === undefined) byTransaction.set(transactionId, [event]);
    else events.push(event);
  }
  return { byTransaction, fired };
}

function placeOf(node: NodeName, epoch: number, number: number): string {
  return `${node} ${epoch} ${number}`;
}
