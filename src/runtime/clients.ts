import type { RequestOutcome } from "../core/effects.ts";
import { renewed } from "../core/renewed.ts";
import type { BeginRequest } from "../core/request-desk.ts";
import type { RequestId } from "../schema/ids.ts";
import type { ClientLink, Clock } from "./ports.ts";
import { createQueue } from "./queue.ts";

/** Who waits for which request's outcome. */
export interface Clients {
  /** What is asked stands in the node's queue: an answer that the node gives before it gets there is not to this. */
  ask(link: ClientLink, request: BeginRequest): void;
  /**
   * The node has come to the request, and who asked it waits from now on: for the operations asked for, since the same id with
   * others is somebody else's mistake.
   */
  take(request: BeginRequest): void;
  /** Returns how many were told; what they are told has taken until `nowMs` (now). */
  answer(digest: string, outcome: RequestOutcome, nowMs?: number): number;
  gone(link: ClientLink): void;
  waiting(): number;
  /** For how many requests somebody waits. */
  requests(): number;
}

interface Waiter {
  readonly request: BeginRequest;
  readonly sinceMs: number;
  /** Null when it has gone while its request stood in the node's queue. */
  link: ClientLink | null;
}

const NOBODY: readonly Waiter[] = [];

export function createClients(clock: Clock): Clients {
  /** In the order in which the node will come to them. */
  const asked = createQueue<Waiter>();
  /** By request id; mostly one each, and a link once for one digest. */
  let waiting = new Map<RequestId, readonly Waiter[]>();
  let taken = 0;

  const keep = (requestId: RequestId, waiters: readonly Waiter[]) => {
    if (waiters.length === 0) waiting.delete(requestId);
    else waiting.set(requestId, waiters);
  };

  const tell = ({ link, sinceMs }: Waiter, outcome: RequestOutcome, nowMs: number) => {
    const durationMs = Math.round((nowMs - sinceMs) * 1_000) / 1_000;
    const { requestId, transactionId, outcome: word, attempts, reason, votes, results } = outcome;
    link?.send({
      type: "outcome",
      requestId,
      transactionId,
      outcome: word,
      attempts,
      reason,
      votes,
      results,
      durationMs,
    });
  };

  return {
    ask: (link, request) => asked.add({ link, request, sinceMs: clock.nowMs() }),
    take(request) {
      if (asked.first()?.request !== request) return;
      const by = asked.take();
      if (!by?.link) return;
      taken += 1;
      waiting = renewed(waiting, taken);
      const others = waiting.get(request.requestId)?.filter((other) => !isSame(other, by));
      waiting.set(request.requestId, others === undefined ? [by] : [...others, by]);
    },
    answer(digest, outcome, nowMs = clock.nowMs()) {
      const all = waiting.get(outcome.requestId);
      if (!all) return 0;
      let told = 0;
      for (const waiter of all) {
        if (waiter.request.digest !== digest) continue;
        tell(waiter, outcome, nowMs);
        told += 1;
      }
      const isOver = told === all.length;
      keep(outcome.requestId, isOver ? NOBODY : all.filter(({ request }) => request.digest !== digest));
      return told;
    },
    gone(link) {
      for (const asker of asked.waiting()) if (asker.link === link) asker.link = null;
      for (const [requestId, all] of waiting)
        keep(
          requestId,
          all.filter((waiter) => waiter.link !== link),
        );
    },
    waiting: () => [...waiting.values()].flat().length,
    requests: () => waiting.size,
  };
}

function isSame(one: Waiter, other: Waiter): boolean {
  return one.link === other.link && one.request.digest === other.request.digest;
}
