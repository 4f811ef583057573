import type { Floor, NodeId, RequestId, TransactionId } from "../schema/ids.ts";
import { type Held, isBelow, isWritten, type Knowledge, type Led, type Mind, partsOf } from "./knowledge.ts";

/** Forgets finished transactions, the oldest first, so that a run of any length is judged in bounded memory. */
export interface Forgetting {
  /** After each event of a node. */
  tidy(mind: Mind): void;
}

/**
 * A node's table is let grow to `transactionsMax`; then a tenth of it is forgotten, as far as it is finished. What is met
 * again after that is unknown, and not judged.
 */
export function createForgetting(knowledge: Knowledge, transactionsMax: number): Forgetting {
  const atOnce = Math.max(1, Math.floor(transactionsMax / 10));
  /** Where little can be forgotten, it is not tried again at every event. */
  const nextAt = new WeakMap<object, number>();
  const isFull = (table: ReadonlyMap<unknown, unknown>) =>
    table.size > Math.max(transactionsMax, nextAt.get(table) ?? 0);
  const dropFrom = <Key, Value>(table: Map<Key, Value>, drops: (key: Key, value: Value) => boolean): void => {
    let left = table.size - transactionsMax + atOnce;
    for (const [key, value] of table) {
      if (left <= 0) break;
      if (!drops(key, value)) continue;
      table.delete(key);
      left -= 1;
    }
    nextAt.set(table, table.size + atOnce);
  };

  return {
    tidy(mind) {
      const { led, held, committedElsewhere } = mind;
      if (isFull(led)) dropFrom(led, (_, each) => isOver(mind, each) && dropLed(mind, each));
      if (isFull(held)) dropFrom(held, (_, each) => hasEnded(each) && dropHeld(mind, each));
      if (isFull(committedElsewhere)) dropFrom(committedElsewhere, () => true);
      const { endings, commitsOf, minds } = knowledge;
      const isKept = (id: TransactionId) =>
        [...minds.values()].some((each) => each.held.has(id) || each.led.has(id));
      if (isFull(endings)) dropFrom(endings, (id) => !isKept(id));
      if (isFull(commitsOf)) dropFrom(commitsOf, (_, id) => !isKept(id));
    },
  };
}

/** Nothing is expected of it any more: its coordinator's floor has passed it, and who has to ack a commit has done so. */
function isOver({ floorSaid }: Mind, { id, commit, voters, acked }: Led): boolean {
  if (floorSaid === null || !isBelow(partsOf(id), floorSaid)) return false;
  return isWritten(commit) !== "yes" || voters?.every((name) => acked.has(name)) === true;
}

function hasEnded({ committed, aborted, heuristic, heuristicEnd, readOnly }: Held): boolean {
  if (isWritten(heuristic) !== "no") return isWritten(heuristicEnd) === "yes";
  return isWritten(committed) === "yes" || isWritten(aborted) === "yes" || readOnly === "yes";
}

function dropLed({ ledFor, forgotten }: Mind, led: Led): boolean {
  unlist(ledFor, led);
  raise(forgotten.led, led.id);
  return true;
}

function dropHeld({ heldFor, forgotten }: Mind, held: Held): boolean {
  unlist(heldFor, held);
  raise(forgotten.held, held.id);
  return true;
}

function unlist<Case extends Led | Held>(table: Map<RequestId, Case[]>, each: Case): void {
  if (!each.requestId) return;
  const others = (table.get(each.requestId) ?? []).filter((other) => other !== each);
  if (others.length > 0) table.set(each.requestId, others);
  else table.delete(each.requestId);
}

function raise(floors: Map<NodeId, Floor>, id: TransactionId): void {
  const { nodeId, epoch, counter } = partsOf(id);
  const floor = { epoch, counter: counter + 1 };
  const before = floors.get(nodeId);
  if (!before || isBelow(before, floor)) floors.set(nodeId, floor);
}
