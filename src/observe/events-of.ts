import type { NodeEvent } from "../schema/events.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { LogEntry } from "./model.ts";

type Log = readonly LogEntry[];

/** A frame asks for many transactions; a log never changes. */
const known = new WeakMap<Log, ReadonlyMap<TransactionId, readonly NodeEvent[]>>();

/** The events of one transaction that are still kept, in the order of the log. */
export function eventsOf(log: Log, id: TransactionId): readonly NodeEvent[] {
  const index = known.get(log) ?? indexOf(log);
  known.set(log, index);
  return index.get(id) ?? [];
}

function indexOf(log: Log): ReadonlyMap<TransactionId, readonly NodeEvent[]> {
  const index = new Map<TransactionId, NodeEvent[]>();
  for (const entry of log) {
    if (entry.type !== "event" || entry.event.transactionId === null) continue;
    const { transactionId } = entry.event;
    const events = index.get(transactionId);
    if (events === undefined) index.set(transactionId, [entry.event]);
    else events.push(entry.event);
  }
  return index;
}
