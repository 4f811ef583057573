import type { NodeEvent } from "../../schema/events.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { TraceLine } from "../../schema/trace.ts";

/** An event or a note that is held back, with whatever belongs to its line. */
interface Heard<Place> {
  readonly line: Extract<TraceLine, { type: "event" | "note" }>;
  readonly atMs: number;
  readonly place: Place;
  /** Its departure, where it is one, or the one that it has to follow. */
  readonly departure: string | null;
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
 * departure. Each node's own order is kept, and where both leave a choice the earlier wall clock goes first. Notes of the one who
 * watched are put among them alike: an answer may be heard before the events that led to it. Other lines hold their place:
 * nothing passes them.
 */
export function inHeardOrder<Place>(emit: (line: TraceLine, place: Place) => void): HeardOrder<Place> {
  /** By node; notes have a queue of their own. */
  const queues = new Map<NodeName | null, Heard<Place>[]>();
  const departures = new Map<string, number>();
  let held = 0;
  let newestMs = 0;
  /** The earliest time among the heads of the queues; null where it has to be looked up again. */
  let oldestMs: number | null = null;

  const isFree = ({ line, departure }: Heard<Place>): boolean =>
    departure === null ||
    (line.type === "event" && line.event.body.type === "message-sent") ||
    (departures.get(departure) ?? 0) === 0;

  const release = (): void => {
    let next: Heard<Place> | null = null;
    let free: Heard<Place> | null = null;
    for (const [head] of queues.values()) {
      if (head === undefined) continue;
      if (next === null || head.atMs < next.atMs) next = head;
      if ((free === null || head.atMs < free.atMs) && isFree(head)) free = head;
    }
    // Messages make no circle; should a trace hold one, time decides.
    const chosen = free ?? next;
    if (chosen === null) return;
    queues.get(queueOf(chosen.line))?.shift();
    held -= 1;
    count(chosen, -1);
    oldestMs = null;
    emit(chosen.line, chosen.place);
  };

  const count = ({ line, departure }: Heard<Place>, by: 1 | -1): void => {
    if (departure === null || line.type === "note" || line.event.body.type !== "message-sent") return;
    const left = (departures.get(departure) ?? 0) + by;
    if (left === 0) departures.delete(departure);
    else departures.set(departure, left);
  };

  const findOldestMs = (): number => {
    oldestMs = Number.POSITIVE_INFINITY;
    for (const [head] of queues.values()) {
      if (head !== undefined) oldestMs = Math.min(oldestMs, head.atMs);
    }
    return oldestMs;
  };

  const finish = (): void => {
    while (held > 0) release();
  };

  return {
    add(line, place) {
      if (line.type !== "event" && line.type !== "note") {
        finish();
        return emit(line, place);
      }
      const atMs = line.type === "note" ? line.atMs : line.event.atMs;
      const departure = line.type === "note" ? null : departureOf(line.event);
      const heard = { line, atMs, place, departure };
      const name = queueOf(line);
      const queue = queues.get(name);
      if (queue === undefined) queues.set(name, [heard]);
      else queue.push(heard);
      if (queue === undefined || queue.length === 1) oldestMs = null;
      held += 1;
      count(heard, 1);
      newestMs = Math.max(newestMs, atMs);
      while (held > WINDOW_MAX || (held > 0 && (oldestMs ?? findOldestMs()) < newestMs - WINDOW_MS))
        release();
    },
    finish,
  };
}

function queueOf(line: Heard<unknown>["line"]): NodeName | null {
  return line.type === "note" ? null : line.event.node;
}

function departureOf({ node, body, transactionId }: NodeEvent): string | null {
  if (body.type === "message-sent") return `${node} ${body.to} ${body.message} ${transactionId}`;
  if (body.type === "message-received") return `${body.from} ${node} ${body.message} ${transactionId}`;
  return null;
}
