import type { RequestOutcome } from "../core/effects.ts";
import type { RequestId } from "../schema/ids.ts";
import type { ClientLink, Clock } from "./ports.ts";

/** Who waits for which request's outcome. */
export interface Clients {
  /** `digest` is of the operations asked for: the same request id with others is somebody else's mistake. */
  wait(link: ClientLink, requestId: RequestId, digest: string): void;
  /** Returns how many were told. */
  answer(digest: string, outcome: RequestOutcome): number;
  gone(link: ClientLink): void;
  waiting(): number;
}

export function createClients(clock: Clock): Clients {
  const waiting = new Map<string, Map<ClientLink, number>>();
  return {
    wait(link, requestId, digest) {
      const key = `${requestId} ${digest}`;
      const links = waiting.get(key) ?? new Map<ClientLink, number>();
      links.set(link, clock.nowMs());
      waiting.set(key, links);
    },
    answer(digest, outcome) {
      const key = `${outcome.requestId} ${digest}`;
      const links = waiting.get(key);
      waiting.delete(key);
      if (!links) return 0;
      for (const [link, sinceMs] of links) {
        const durationMs = Math.round((clock.nowMs() - sinceMs) * 1_000) / 1_000;
        const results = [...outcome.results];
        link.send({ type: "outcome", ...outcome, votes: { ...outcome.votes }, results, durationMs });
      }
      return links.size;
    },
    gone(link) {
      for (const [key, links] of waiting) {
        links.delete(link);
        if (links.size === 0) waiting.delete(key);
      }
    },
    waiting: () => waiting.size,
  };
}
