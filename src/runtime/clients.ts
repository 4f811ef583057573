import type { RequestOutcome } from "../core/effects.ts";
import type { RequestId } from "../schema/ids.ts";
import type { Begin } from "../schema/session.ts";
import type { ClientLink, Clock } from "./ports.ts";

/** Who waits for which request's outcome. */
export interface Clients {
  wait(link: ClientLink, begin: Begin): void;
  answer(outcome: RequestOutcome): void;
  gone(link: ClientLink): void;
  waiting(): number;
}

export function createClients(clock: Clock): Clients {
  const waiting = new Map<RequestId, Map<ClientLink, number>>();
  return {
    wait(link, begin) {
      const links = waiting.get(begin.requestId) ?? new Map<ClientLink, number>();
      links.set(link, clock.nowMs());
      waiting.set(begin.requestId, links);
    },
    answer(outcome) {
      const links = waiting.get(outcome.requestId);
      waiting.delete(outcome.requestId);
      for (const [link, sinceMs] of links ?? []) {
        const durationMs = Math.round((clock.nowMs() - sinceMs) * 1_000) / 1_000;
        const results = [...outcome.results];
        link.send({ type: "outcome", ...outcome, votes: { ...outcome.votes }, results, durationMs });
      }
    },
    gone(link) {
      for (const [requestId, links] of waiting) {
        links.delete(link);
        if (links.size === 0) waiting.delete(requestId);
      }
    },
    waiting: () => waiting.size,
  };
}
