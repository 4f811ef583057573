import type { NodeEvent, Snapshot } from "../../src/schema/events.ts";
import type { NodeId, NodeName, RequestId, StoreId } from "../../src/schema/ids.ts";
import type { OutcomeMessage } from "../../src/schema/session.ts";
import type { NodeView, PeerView } from "../../src/schema/views.ts";
import { nodeName, STORES } from "../drivers/wire/rig.ts";

export function nodeView(name: string, changes: Partial<NodeView> = {}): NodeView {
  return {
    name: nodeName(name),
    kind: "coordinator",
    nodeId: `${name}-${STORES.a}` as NodeId,
    storeId: STORES.a as StoreId,
    epoch: 1,
    pid: 1,
    url: "ws://127.0.0.1:1",
    startedAtMs: 0,
    forcedSeq: 0,
    unfinished: 0,
    inDoubt: 0,
    faultInjection: true,
    recovery: "clean",
    peers: [],
    violations: [],
    alarms: [],
    ...changes,
  };
}

export function peerView(name: string, url: string): PeerView {
  return {
    name: nodeName(name),
    kind: "ledger",
    nodeId: null,
    url,
    connected: true,
    epoch: 1,
    roundTripMs: null,
    awaiting: 0,
  };
}

export function snapshotOf(node: NodeView, number: number): Snapshot {
  return { number, node, transactions: [], rows: null };
}

export function noteEvent(node: NodeName, number: number, epoch = 1): NodeEvent {
  return {
    node,
    epoch,
    number,
    atMs: 0,
    transactionId: null,
    body: { type: "note", text: `note ${number}` },
  };
}

export function outcomeOf(requestId: string): OutcomeMessage {
  return {
    type: "outcome",
    requestId: requestId as RequestId,
    transactionId: null,
    outcome: "committed",
    attempts: 1,
    reason: null,
    votes: {},
    results: [],
    durationMs: 1,
  };
}
