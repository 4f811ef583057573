import type { NodeName } from "../schema/ids.ts";
import type { Model, ModelUpdate } from "./model.ts";

/** How long after it had happened, by its node's clock, the newest event of a node was taken in. */
export interface Lateness {
  /** Wall clock of taking it in. */
  readonly atMs: number;
  readonly ms: number;
  /** The least that it was in the last minutes: so far the clocks are apart, and that is no lateness. */
  readonly leastMs: number;
  readonly leastAtMs: number;
}

/** Clocks are set now and then: an older least is no measure any more. */
const LEAST_KEPT_MS = 600_000;
/** Nothing came since: nothing is known to wait. */
const STALE_MS = 2_000;

/** Notes how late the events are that have just been taken in. */
export function noteLateness(model: Model, updates: readonly ModelUpdate[], atMs: number): Model {
  const newest = new Map<NodeName, number>();
  for (const update of updates) {
    const last = update.type === "events" ? update.events.at(-1) : undefined;
    if (last !== undefined) newest.set(last.node, last.atMs);
  }
  if (newest.size === 0) return model;
  const lateness = new Map(model.lateness);
  for (const [node, happenedMs] of newest) {
    lateness.set(node, measured(lateness.get(node), atMs, atMs - happenedMs));
  }
  return { ...model, lateness };
}

function measured(before: Lateness | undefined, atMs: number, ms: number): Lateness {
  const isLeast = before === undefined || ms <= before.leastMs || atMs - before.leastAtMs > LEAST_KEPT_MS;
  return isLeast ? { atMs, ms, leastMs: ms, leastAtMs: atMs } : { ...before, atMs, ms };
}

/** By how much what is known lags behind what the nodes do, while they do something. */
export function behindMs({ lateness }: Model, nowMs: number): number {
  let behind = 0;
  for (const { atMs, ms, leastMs } of lateness.values()) {
    if (nowMs - atMs < STALE_MS) behind = Math.max(behind, ms - leastMs);
  }
  return behind;
}
