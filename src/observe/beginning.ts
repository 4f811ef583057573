import type { Model, Transaction } from "./model.ts";
import { runOf } from "./short-id.ts";

/**
 * Whether a transaction is older than it is said to be: its coordinator's run is over, and all that is told of it comes from
 * nodes that have read it in their logs since, which do not say when it was.
 */
export function isOlderThanTold({ nodes }: Model, { id, coordinator, startedAtMs }: Transaction): boolean {
  const leader = coordinator === null ? undefined : nodes.get(coordinator)?.view;
  const run = runOf(id);
  return !!leader && run !== null && run < leader.epoch && startedAtMs >= leader.startedAtMs;
}
