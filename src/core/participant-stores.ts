import type { NodeId, NodeName, TransactionId } from "../schema/ids.ts";
import { nameOf, parseTransactionId, runOf } from "./ids.ts";
import type { NodeState } from "./node-state.ts";
import { dropOldRequests, raiseFloor, windowStartMs } from "./participant-tables.ts";
import { FLOORS_MAX } from "./settings.ts";
import type { TransactionTable } from "./transaction-table.ts";

// What a participant keeps of a coordinator's store goes when the floor passes it. A store that was wiped or taken out of service
// raises no floor any more, so the participant does: to refuse a prepare is always allowed, should the store come back after all.

/** Another store has come under a coordinator's name: what is finished of those before it is not kept for them. */
export function supersedeStores(node: NodeState, name: NodeName, nodeId: NodeId): void {
  for (const before of node.participant.finished.keys()) {
    if (before !== nodeId && nameOf(before) === name) passFinished(node, before);
  }
  while (node.participant.floors.size > FLOORS_MAX) if (!dropOldestFloor(node)) return;
}

/** Drops what the windows have passed at `wallMs`: some requests, and what is finished of stores that have long been away. */
export function pruneTables(node: NodeState, wallMs: number): void {
  const beforeMs = windowStartMs(node, wallMs);
  dropOldRequests(node, wallMs);
  const { finished, transactions } = node.participant;
  // An abort without a job says no time. A floor that passed it at once would pass what its store, away for a moment, still asks.
  const timeOf = (ids: TransactionTable<number | null>, id: TransactionId, foundMs: number | null) => {
    const timeMs = transactions.get(id)?.job?.issuedAtMs ?? foundMs;
    if (timeMs === null) ids.set(id, wallMs);
    return timeMs ?? wallMs;
  };
  for (const [nodeId, ids] of finished) {
    if (isHere(node, nodeId)) continue;
    const times = [...ids].map(([id, foundMs]) => timeOf(ids, id, foundMs));
    if (times.every((timeMs) => timeMs < beforeMs)) passFinished(node, nodeId);
  }
}

/** Raises a store's floor above everything that is finished of it, which drops it. */
function passFinished(node: NodeState, nodeId: NodeId): void {
  const { finished } = node.participant;
  for (const id of [...(finished.get(nodeId)?.keys() ?? [])]) {
    const { epoch, counter } = parseTransactionId(id);
    raiseFloor(node, nodeId, { epoch, counter: counter + 1 });
  }
  if (finished.get(nodeId)?.size === 0) finished.delete(nodeId);
}

function isHere(node: NodeState, nodeId: NodeId): boolean {
  if (nodeId === node.nodeId) return true;
  const peer = node.peers.get(nameOf(nodeId));
  return peer?.isConnected === true && peer.nodeId === nodeId;
}

/** A store of which nothing is left, and which is not here, says its floor itself if it ever returns. */
function dropOldestFloor(node: NodeState): boolean {
  const { floors, finished, transactions } = node.participant;
  const needed = new Set([...transactions.keys()].map((id) => runOf(id).coordinatorId));
  for (const nodeId of floors.keys()) {
    if (isHere(node, nodeId) || needed.has(nodeId) || (finished.get(nodeId)?.size ?? 0) > 0) continue;
    floors.delete(nodeId);
    return true;
  }
  return false;
}
