import type { TransactionId } from "../schema/ids.ts";
import type { Reason } from "../schema/reasons.ts";
import type { NodeState } from "./node-state.ts";

/** How many the schema allows a refusal to name. */
const HOLDERS_NAMED_MAX = 16;

/**
 * A refusal for want of a row that others hold, with the transactions in doubt that hold it: whoever looks at one of those
 * sees who waits behind it. Others end by themselves in a moment.
 */
export function namingHolders(node: NodeState, reason: Reason): Reason {
  if (!reason.heldBy) return reason;
  const { key } = reason.heldBy;
  return { ...reason, heldBy: { key, transactionIds: holdersOf(node, key) } };
}

function holdersOf({ participant }: NodeState, key: string): TransactionId[] {
  const found: TransactionId[] = [];
  for (const state of participant.transactions.values()) {
    if (state.phase !== "prepared" || !state.work.redo.some((delta) => delta.key === key)) continue;
    found.push(state.job.transactionId);
    if (found.length === HOLDERS_NAMED_MAX) break;
  }
  return found;
}
