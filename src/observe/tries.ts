import { attemptsOf, attemptToCome } from "./attempts.ts";
import { eventsOf } from "./events-of.ts";
import { age, counted, duration } from "./figures.ts";
import type { Model, Transaction } from "./model.ts";
import { isAway } from "./node-status.ts";
import type { TransactionStatus } from "./transaction.ts";

/** What is tried again and again while a transaction is not finished. */
export interface Tries {
  /** `attempt`: the whole request; else the message that is sent again. */
  readonly what: "attempt" | "prepare" | "commit" | "inquiry";
  /** How often so far, as far as the events that are kept tell. */
  readonly count: number;
  readonly lastAtMs: number | null;
  /** The latest moment of the next attempt; null where a node repeats by its own timers. */
  readonly nextByMs: number | null;
}

const REPEATED: Partial<Record<TransactionStatus, Exclude<Tries["what"], "attempt">>> = {
  preparing: "prepare",
  "one-phase": "prepare",
  committing: "commit",
  aborting: "inquiry",
  "in-doubt": "inquiry",
  heuristic: "inquiry",
};

/** Null where nothing is being repeated. */
export function triesOf(model: Model, transaction: Transaction, status: TransactionStatus): Tries | null {
  const retry = attemptToCome(model, transaction);
  if (retry !== null) {
    const { announcedAtMs, delayMs } = retry;
    const count = Math.max(attemptsOf(model, transaction).length, retry.attempt - 1);
    return { what: "attempt", count, lastAtMs: announcedAtMs, nextByMs: announcedAtMs + delayMs };
  }
  const what = REPEATED[status];
  if (what === undefined) return null;
  const sent = eventsOf(model.log, transaction.id).filter(
    ({ body }) => (body.type === "message-sent" || body.type === "message-dropped") && body.message === what,
  );
  // A question to each of several nodes is one try, as far as a reader is concerned.
  const byPair = new Map<string, number>();
  for (const { node, body } of sent) {
    if (!("to" in body) || isAway(model, node)) continue;
    const pair = `${node} ${body.to}`;
    byPair.set(pair, (byPair.get(pair) ?? 0) + 1);
  }
  const count = Math.max(0, ...byPair.values());
  return count === 0 ? null : { what, count, lastAtMs: sent.at(-1)?.atMs ?? null, nextByMs: null };
}

/** `commit sent 4 times, last 2s ago, again by itself`; `attempt 3 failed, the next within 0.8 s`. */
export function triesText({ what, count, lastAtMs, nextByMs }: Tries, nowMs: number): string {
  if (what === "attempt") {
    const leftMs = (nextByMs ?? nowMs) - nowMs;
    const when = leftMs <= 0 ? "at any moment" : `within ${duration(Math.ceil(leftMs / 100) * 100)}`;
    return `attempt ${count} failed, the next ${when}`;
  }
  const verb = what === "inquiry" ? "asked" : `${what} sent`;
  const last = lastAtMs === null ? "" : `, last ${age(nowMs - lastAtMs)} ago`;
  return `${verb} ${count === 1 ? "once" : counted(count, "time")}${last}, again by itself`;
}

/** The same for a narrow column, without times: `commit #4`. */
export function triesWord({ what, count }: Tries): string {
  return what === "attempt" ? `attempt ${count + 1} to come` : count > 1 ? `${what} #${count}` : "";
}
