import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { NodeEvent, Snapshot } from "../../src/schema/events.ts";
import type { NodeId, NodeName, RequestId, TransactionId } from "../../src/schema/ids.ts";
import type { Reason } from "../../src/schema/reasons.ts";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "../../src/schema/session.ts";
import type {
  CoordinatorView,
  NodeKind,
  NodeView,
  ParticipantView,
  ResourceRows,
  RetryView,
} from "../../src/schema/views.ts";
import { nodeView } from "../client/fixtures.ts";
import { STORES } from "../drivers/wire/rig.ts";

/**
 * Everything a terminal might obey: a title, a cleared screen, a report of its state, a colour by the one-byte CSI, a bell,
 * a hyperlink, a reversal of the text, a tag character, a line end.
 */
export const HOSTILE =
  "owned\u001b]0;owned\u0007\u001b[2J\u001b[6n\u009b31m\u0007\u001b]8;;http://evil.example\u001b\\\u202egnp\u{e0041}\u2028\r\nTPC";

const NAME = "warehouse" as NodeName;
const ID = `coordinator-${STORES.a}.1.1` as TransactionId;

/** A node that keeps the wire's rules and puts `HOSTILE` into every text that the wire allows. */
export interface RogueNode {
  readonly url: string;
  readonly transactionId: TransactionId;
  close(): void;
}

export async function startRogueNode(token: string, kind: NodeKind = "warehouse"): Promise<RogueNode> {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    handleProtocols: () => SUBPROTOCOL,
  });
  await once(server, "listening");
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data) => {
      for (const message of JSON.parse(String(data))) answer(socket, viewOf(url, kind), token, message);
    });
  });
  return {
    url,
    transactionId: ID,
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

function answer(socket: WebSocket, view: NodeView, token: string, message: Record<string, unknown>): void {
  const say = (...messages: unknown[]) => socket.send(JSON.stringify(messages));
  const { name, kind, nodeId, storeId, epoch, url } = view;
  switch (message.type) {
    case "hello":
      return say({
        type: "hello",
        version: PROTOCOL_VERSION,
        token,
        node: { name, kind, nodeId, storeId, epoch, url },
      });
    case "query":
      return say({
        type: "reply",
        queryId: message.queryId,
        value: answerTo(view, message.what),
        error: null,
      });
    case "arm-fault":
      return say({
        type: "reply",
        queryId: message.queryId,
        value: null,
        error: { code: "TPC_FORBIDDEN", message: HOSTILE },
      });
    case "subscribe":
      return say({ type: "snapshot", snapshot: snapshotOf(view) }, { type: "events", events: events() });
    case "begin":
      return say(outcomeOf(message.requestId as RequestId));
  }
}

function answerTo(view: NodeView, what: unknown): unknown {
  if (what === "node") return view;
  if (what === "rows") return rows();
  return what === "retries" ? retries() : [transaction(), holder()];
}

function viewOf(url: string, kind: NodeKind): NodeView {
  return nodeView(NAME, {
    kind,
    nodeId: `${NAME}-${STORES.a}` as NodeId,
    url,
    recovery: HOSTILE,
    violations: [HOSTILE],
    alarms: [HOSTILE],
  });
}

function rows(): ResourceRows {
  const item = { onHand: "1", reserved: "0", available: "1", priceMinor: "100" };
  return { kind: "warehouse", items: [{ sku: HOSTILE, name: HOSTILE, ...item }] };
}

function reason() {
  return { participant: NAME, code: "invalid-operation", message: HOSTILE, retryable: false } as const;
}

function transaction(): CoordinatorView {
  const branch = { name: NAME, vote: "no", reason: reason(), preparedAt: null, acked: false } as const;
  return {
    role: "coordinator",
    transactionId: ID,
    requestId: "hostile" as RequestId,
    attempt: 1,
    phase: "forgotten",
    outcome: "aborted",
    reason: reason(),
    branches: [{ ...branch, refusal: HOSTILE }],
    operations: [{ participant: NAME, op: "\u001b[2J", sku: HOSTILE, quantity: HOSTILE }],
    results: [{ sku: HOSTILE }],
    startedAtMs: 0,
    endedAtMs: 1,
    counts: { recordsAppended: 0, recordsForced: 0, messagesSent: 0 },
  };
}

/** The same transaction as a participant's, with a lock for which others wait. */
function holder(): ParticipantView {
  return {
    role: "participant",
    transactionId: ID,
    requestId: null,
    coordinator: NAME,
    phase: "prepared",
    vote: "yes",
    reason: null,
    trouble: HOSTILE,
    answers: { ledger: HOSTILE },
    heuristic: null,
    redo: [{ key: HOSTILE, add: { reserved: "-1" } }],
    undo: [],
    startedAtMs: 0,
    endedAtMs: null,
    counts: { recordsAppended: 0, recordsForced: 0, messagesSent: 0 },
  };
}

function waitingReason(): Reason {
  return { ...reason(), heldBy: { key: HOSTILE, transactionIds: [ID] } };
}

function retries(): RetryView[] {
  return [{ requestId: "hostile" as RequestId, attempt: 2, withinMs: 60_000, reason: waitingReason() }];
}

function snapshotOf(view: NodeView): Snapshot {
  const transactions = [transaction(), holder()];
  return { number: 0, node: view, transactions, rows: rows(), retries: retries() };
}

function events(): NodeEvent[] {
  const bodies: NodeEvent["body"][] = [
    { type: "message-sent", to: NAME, message: HOSTILE, text: HOSTILE },
    { type: "message-dropped", to: NAME, message: HOSTILE, why: HOSTILE },
    { type: "record-appended", record: HOSTILE, seq: 1, force: true },
    { type: "rows-changed", rows: rows() },
    { type: "fault-armed", fault: HOSTILE },
    { type: "fault-fired", fault: HOSTILE },
    { type: "retry-scheduled", requestId: HOSTILE, attempt: 1, delayMs: 1, reason: waitingReason() },
    { type: "alarm", text: HOSTILE },
    { type: "note", text: HOSTILE },
  ];
  return bodies.map((body, index) => ({
    node: NAME,
    epoch: 1,
    number: index + 1,
    atMs: 0,
    transactionId: ID,
    body,
  }));
}

function outcomeOf(requestId: RequestId): unknown {
  const votes = { [NAME]: HOSTILE };
  const results = [{ sku: HOSTILE }];
  const base = { type: "outcome", requestId, transactionId: ID, outcome: "aborted", attempts: 1 };
  return { ...base, reason: reason(), votes, results, durationMs: 1 };
}
