import type { EventBody, NodeEvent, Snapshot } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { ClientLink } from "./ports.ts";

/** A watcher that has this much unread gets no events until it has caught up, and then a snapshot. */
const LAGGING_BYTES = 1_048_576;
const CAUGHT_UP_BYTES = 65_536;
/** Events a frame carries at most. */
const EVENTS_PER_FRAME_MAX = 500;

/** The stream of events to whoever subscribed. A slow watcher never slows the node. */
export interface Watchers {
  /** True when somebody watches; events are built only then. */
  isWatched(): boolean;
  subscribe(link: ClientLink): void;
  unsubscribe(link: ClientLink): void;
  emit(transactionId: TransactionId | null, body: EventBody): void;
  /** End of a turn. */
  flush(): void;
}

export function createWatchers(options: {
  readonly node: NodeName;
  readonly epoch: number;
  readonly wallMs: () => number;
  readonly snapshot: (number: number) => Snapshot;
}): Watchers {
  const { node, epoch, wallMs, snapshot } = options;
  const links = new Map<ClientLink, { isLagging: boolean }>();
  let number = 0;
  let pending: NodeEvent[] = [];

  const flush = () => {
    const events = pending;
    pending = [];
    for (const [link, watcher] of links) {
      const unreadBytes = link.bufferedBytes();
      if (watcher.isLagging) {
        if (unreadBytes > CAUGHT_UP_BYTES) continue;
        watcher.isLagging = false;
        link.send({ type: "snapshot", snapshot: snapshot(number) });
      } else if (unreadBytes > LAGGING_BYTES) {
        watcher.isLagging = true;
      } else {
        for (let at = 0; at < events.length; at += EVENTS_PER_FRAME_MAX) {
          link.send({ type: "events", events: events.slice(at, at + EVENTS_PER_FRAME_MAX) });
        }
      }
    }
  };

  return {
    isWatched: () => links.size > 0,
    subscribe(link) {
      flush();
      links.set(link, { isLagging: false });
      link.send({ type: "snapshot", snapshot: snapshot(number) });
    },
    unsubscribe: (link) => void links.delete(link),
    emit(transactionId, body) {
      if (links.size === 0) return;
      number += 1;
      pending.push({ node, epoch, number, atMs: wallMs(), transactionId, body });
    },
    flush,
  };
}
