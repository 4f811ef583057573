import { TpcError } from "../core/errors.ts";
import type { Clock } from "../drivers/clock.ts";
import type { Random } from "../drivers/random.ts";
import { createBackoff } from "../drivers/wire/backoff.ts";
import type { WireTiming } from "../drivers/wire/limits.ts";
import type { NodeEvent, Snapshot } from "../schema/events.ts";
import type { HelloNode } from "../schema/session.ts";
import type { Tally } from "../schema/tally.ts";
import type { Client, Subscriber } from "./client.ts";
import { connect } from "./connect.ts";

export interface NodeWatchOptions {
  readonly url: string;
  readonly token: string;
  readonly timing: WireTiming;
  readonly clock: Clock;
  readonly random: Random;
  /** Returns false where another connection to the same node is enough; then the watch ends. */
  connected(node: HelloNode): boolean;
  /** After each loss, and after each attempt that failed. */
  disconnected(why: string): void;
  snapshot(snapshot: Snapshot): void;
  /** Events that follow without a gap on the last snapshot or the last events. */
  events(events: readonly NodeEvent[]): void;
  /** The share of the transactions to be told of at first; everything where absent. */
  readonly oneIn?: number;
  tally(tally: Tally): void;
}

/** A subscription to one node that is kept for ever: again after every loss, and anew after every gap. */
export interface NodeWatch {
  /** Asks for a new snapshot. */
  refresh(): void;
  /** Asks for another share, now and after every loss. */
  sample(oneIn: number): void;
  /** The node is said to be there: what waits for its next attempt makes it now. */
  hurry(): void;
  stop(): void;
}

export function startNodeWatch(options: NodeWatchOptions): NodeWatch {
  const backoff = createBackoff(options.timing, options.random);
  let isStopped = false;
  let isWaiting = false;
  let client: Client | null = null;
  let { oneIn } = options;
  let subscribe = () => {};
  let cancel = () => {};

  const attempt = () => {
    isWaiting = false;
    const { url, token, timing } = options;
    const how = { token, timing, timeoutMs: timing.helloTimeoutMs, frameByFrame: true };
    connect(url, how).then(follow, (error: unknown) => {
      if (!(error instanceof TpcError)) throw error;
      retry(error.message);
    });
  };

  const retry = (why: string) => {
    if (isStopped) return;
    options.disconnected(why);
    isWaiting = true;
    cancel = options.clock.schedule(backoff.nextMs(), attempt);
  };

  const follow = (opened: Client) => {
    if (isStopped || !options.connected(opened.node)) {
      isStopped = true;
      opened.close();
      return;
    }
    client = opened;
    backoff.reset();
    subscribe = () =>
      opened.subscribe(
        withoutGaps(options, () => subscribe()),
        oneIn,
      );
    subscribe();
    opened.onClose((why) => {
      client = null;
      subscribe = () => {};
      retry(why);
    });
  };

  attempt();
  return {
    refresh: () => subscribe(),
    sample(wanted) {
      oneIn = wanted;
      client?.sample(wanted);
    },
    hurry() {
      if (!isWaiting || isStopped) return;
      cancel();
      backoff.reset();
      attempt();
    },
    stop: () => {
      isStopped = true;
      cancel();
      client?.close();
    },
  };
}

/** Passes on what follows on the last snapshot. What came before it is dropped; a gap asks for a new one, once. */
function withoutGaps(
  to: Pick<NodeWatchOptions, "snapshot" | "events" | "tally">,
  gap: () => void,
): Subscriber {
  let last: { readonly epoch: number; readonly number: number } | null = null;
  return {
    snapshot(snapshot) {
      last = { epoch: snapshot.node.epoch, number: snapshot.number };
      to.snapshot(snapshot);
    },
    tally: (tally) => to.tally(tally),
    events(events, after) {
      if (last === null) return;
      const { epoch } = last;
      let { number } = last;
      // To a share the node says itself on what it follows; within it, numbers may be left out.
      const isShare = after !== undefined;
      const fresh: NodeEvent[] = [];
      let isGap = false;
      for (const event of events) {
        if (event.epoch === epoch && event.number <= number) continue;
        isGap = event.epoch !== epoch || (isShare ? after > number : event.number !== number + 1);
        if (isGap) break;
        number = event.number;
        fresh.push(event);
      }
      last = isGap ? null : { epoch, number };
      if (fresh.length > 0) to.events(fresh);
      if (isGap) gap();
    },
  };
}
