import type { NodeEvent } from "../../schema/events.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { TraceLine } from "../../schema/trace.ts";

/** Lines of a trace with whatever belongs to each. */
interface Heard<Place> {
  readonly line: TraceLine;
  readonly place: Place;
}

/** Puts what was heard into an order that could have been: no message arrives before it was sent. */
export interface HeardOrder<Place> {
  add(line: TraceLine, place: Place): void;
  /** Hands on whatever is still held back. */
  finish(): void;
}

/** How long an event is held back for one that was before it and was heard after it. */
const WINDOW_MS = 100;
/** How many are held back at most. */
const WINDOW_MAX = 512;

/**
 * Several nodes tell a watcher what happened over connections of their own, so that an arrival may be heard before its
 * departure. Each node's own order is kept, and where both leave a choice the earlier wall clock goes first. Lines that are
 * not events hold their place: nothing passes them.
 */
export function inHeardOrder<Place>(emit: (line: TraceLine, place: Place) => void): HeardOrder<Place> {
  const queues = new Map<NodeName, Heard<Place>[]>();
  const departures = new Map<string, number>();
  let held = 0;
  let newestMs = 0;

  const isFree = (event: NodeEvent): boolean => {
    const { body, node } = event;
    if (body.type !== "message-received") return true;
    return (departures.get(key(body.from, node, body.message, event)) ?? 0) === 0;
  };

  const release = (): void => {
    let next: NodeEvent | null = null;
    let free: NodeEvent | null = null;
    for (const [head] of queues.values()) {
      if (head?.line.type !== "event") continue;
      const { event } = head.line;
      if (next === null || event.atMs < next.atMs) next = event;
      if ((free === null || event.atMs < free.atMs) && isFree(event)) free = event;
    }
    // Messages make no circle; should a trace hold one, time decides.
    const chosen = free ?? next;
    const first = chosen === null ? undefined : queues.get(chosen.node)?.shift();
    if (chosen === null || first === undefined) return;
    held -= 1;
    count(chosen, -1);
    emit(first.line, first.place);
  };

  const count = (event: NodeEvent, by: 1 | -1): void => {
    if (event.body.type !== "message-sent") return;
    const departure = key(event.node, event.body.to, event.body.message, event);
    const left = (departures.get(departure) ?? 0) + by;
    if (left === 0) departures.delete(departure);
    else departures.set(departure, left);
  };

  const oldestMs = (): number => {
    let oldest = Number.POSITIVE_INFINITY;
    for (const [head] of queues.values()) {
      if (head?.line.type === "event") oldest = Math.min(oldest, head.line.event.atMs);
    }
    return oldest;
  };

  const finish = (): void => {
    while (held > 0) release();
  };

  return {
    add(line, place) {
      if (line.type !== "event") {
        finish();
        return emit(line, place);
      }
      const { event } = line;
      const queue = queues.get(event.node);
      if (queue === undefined) queues.set(event.node, [{ line, place }]);
      else queue.push({ line, place });
      held += 1;
      count(event, 1);
      newestMs = Math.max(newestMs, event.atMs);
      while (held > WINDOW_MAX || (held > 0 && oldestMs() < newestMs - WINDOW_MS)) release();
    },
    finish,
  };
}

function key(from: NodeName, to: NodeName, message: string, { transactionId }: NodeEvent): string {
  return `${from} ${to} ${message} ${transactionId}`;
}
