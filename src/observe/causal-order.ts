import type { NodeEvent } from "../schema/events.ts";
import type { NodeName } from "../schema/ids.ts";

/**
 * Events of several nodes in an order that could have been: each node's own order is kept, no message arrives
 * before it was sent, and where both leave a choice the earlier wall clock goes first.
 */
export function inCausalOrder(events: readonly NodeEvent[]): readonly NodeEvent[] {
  const queues = new Map<NodeName, NodeEvent[]>();
  for (const event of events) queues.set(event.node, [...(queues.get(event.node) ?? []), event]);
  for (const queue of queues.values()) queue.sort((a, b) => a.epoch - b.epoch || a.number - b.number);
  const ordered: NodeEvent[] = [];
  while (ordered.length < events.length) {
    const heads = [...queues.values()].flatMap((queue) => queue.slice(0, 1));
    const free = heads.filter((head) => !waitsForDeparture(head, queues));
    // Clocks cannot make a circle of messages; should one appear, time decides.
    const next = earliest(free.length > 0 ? free : heads);
    if (next === undefined) break;
    queues.get(next.node)?.shift();
    ordered.push(next);
  }
  return ordered;
}

function waitsForDeparture(event: NodeEvent, queues: ReadonlyMap<NodeName, readonly NodeEvent[]>): boolean {
  const { body } = event;
  if (body.type !== "message-received") return false;
  return (queues.get(body.from) ?? []).some(
    ({ body: sent, atMs }) =>
      // A message sent again later is not the one that has arrived.
      sent.type === "message-sent" &&
      sent.to === event.node &&
      sent.message === body.message &&
      atMs <= event.atMs + SKEW_MS,
  );
}

/** Clocks of nodes that differ by less are put right by the order of messages. */
const SKEW_MS = 100;

function earliest(events: readonly NodeEvent[]): NodeEvent | undefined {
  return events.reduce<NodeEvent | undefined>(
    (first, event) => (first === undefined || event.atMs < first.atMs ? event : first),
    undefined,
  );
}
