import type { RequestOutcome } from "../core/effects.ts";
import type { BeginRequest } from "../core/request-desk.ts";
import type { ClientLink, Clock } from "./ports.ts";

/** Who waits for which request's outcome. */
export interface Clients {
  /** What is asked stands in the node's queue: an answer that the node gives before it gets there is not to this. */
  ask(link: ClientLink, request: BeginRequest): void;
  /**
   * The node has come to the request, and who asked it waits from now on: for the operations asked for, since the same id with
   * others is somebody else's mistake.
   */
  take(request: BeginRequest): void;
  /** Returns how many were told. */
  answer(digest: string, outcome: RequestOutcome): number;
  gone(link: ClientLink): void;
  waiting(): number;
}

export function createClients(clock: Clock): Clients {
  const asked = new Map<BeginRequest, { readonly link: ClientLink; readonly sinceMs: number }>();
  const waiting = new Map<string, Map<ClientLink, number>>();
  return {
    ask: (link, request) => void asked.set(request, { link, sinceMs: clock.nowMs() }),
    take(request) {
      const by = asked.get(request);
      if (!by) return;
      asked.delete(request);
      const key = `${request.requestId} ${request.digest}`;
      const links = waiting.get(key) ?? new Map<ClientLink, number>();
      links.set(by.link, by.sinceMs);
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
      for (const [request, by] of asked) if (by.link === link) asked.delete(request);
      for (const [key, links] of waiting) {
        links.delete(link);
        if (links.size === 0) waiting.delete(key);
      }
    },
    waiting: () => waiting.size,
  };
}
