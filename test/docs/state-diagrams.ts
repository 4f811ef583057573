import {
  beginTransaction,
  type CoordinatorEffect,
  type CoordinatorEvent,
  type CoordinatorState,
  stepCoordinator,
} from "../../src/core/coordinator.ts";
import { beginWork, stepParticipant } from "../../src/core/participant.ts";
import type {
  ParticipantEffect,
  ParticipantEvent,
  ParticipantState,
} from "../../src/core/participant-state.ts";
import type { NodeName, PreparedAt, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { Decided, Vote } from "../../src/schema/protocol.ts";
import type { Reason } from "../../src/schema/reasons.ts";

// The diagrams are found by walking the real step functions, so they cannot say what the code does not do.

const transactionId = "coordinator-000000000001.1.1" as TransactionId;
const preparedAt: PreparedAt = { storeId: "000000000002" as StoreId, epoch: 1, seq: 2 };
const reason: Reason = { participant: null, code: "busy", message: "busy", retryable: true };
const request = { requestId: "r1" as RequestId, issuedAtMs: 1, digest: "d" };
const names = ["warehouse", "ledger"] as NodeName[];

/** Mermaid source of the coordinator's states. */
export function coordinatorDiagram(): string {
  const participants = names.map((name) => ({ name, url: "" }));
  const info = { transactionId, ...request, attempt: 1, operations: [] };
  const starts = [
    beginTransaction({ ...info, participants }, []),
    beginTransaction({ ...info, participants: participants.slice(0, 1) }, []),
  ];
  const events = names.flatMap((from): [string, CoordinatorEvent][] => [
    ["vote yes", { type: "vote-received", vote: vote(from, "yes") }],
    ["vote read-only", { type: "vote-received", vote: vote(from, "read-only") }],
    ["vote no", { type: "vote-received", vote: vote(from, "no") }],
    ["decided committed", { type: "decided-received", decided: decided(from, "committed") }],
    ["decided aborted", { type: "decided-received", decided: decided(from, "aborted") }],
    ["ack", { type: "ack-received", from }],
    ["commit refused", { type: "refusal-received", from, refusal: { code: "perform-failed", text: "" } }],
  ]);
  events.push(
    ["time-out", { type: "gave-up", reason }],
    ["commit on disk", { type: "commit-record-forced" }],
  );
  const nameOf = (state: CoordinatorState) =>
    state.phase === "forgotten" ? `forgotten: ${state.outcome}` : state.phase;
  return diagram(starts, events, nameOf, (state, event) => {
    const effects: CoordinatorEffect[] = [];
    return { state: stepCoordinator(state, event, effects), effects };
  });
}

/** Mermaid source of the participant's states. */
export function participantDiagram(): string {
  const coordinator = { name: names[0] as NodeName, url: "" };
  const work = { redo: [], undo: [], results: [] };
  const starts = [false, true].map((onePhase) =>
    beginWork({ transactionId, ...request, coordinator, participants: [], onePhase }),
  );
  const peer = names[1] as NodeName;
  const verdict = { by: "ann", reason: "", atMs: 1 };
  const events: [string, ParticipantEvent][] = [
    ["planned yes", { type: "work-planned", plan: { verdict: "yes", ...work } }],
    ["planned no", { type: "work-planned", plan: { verdict: "no", reason } }],
    ["planned read-only", { type: "work-planned", plan: { verdict: "read-only", results: [] } }],
    ["prepared on disk", { type: "prepared-forced", at: preparedAt }],
    ["commit", { type: "commit-received" }],
    ["performed", { type: "work-performed" }],
    ["perform failed", { type: "work-failed", text: "" }],
    ["committed on disk", { type: "committed-forced" }],
    ["finished", { type: "work-finished" }],
    ["finish failed", { type: "finish-failed", text: "" }],
    ["abort", { type: "abort-received" }],
    ["aborted on disk", { type: "aborted-forced" }],
    ["asked what was decided", { type: "decided-inquiry-received" }],
    ["a peer asks", { type: "peer-inquiry-received", from: peer }],
    ["a peer says commit", { type: "answer-received", from: peer, answer: "commit" }],
    ["a peer says abort", { type: "answer-received", from: peer, answer: "abort" }],
    ["operator commits", { type: "operator-decided", decision: "commit", verdict }],
    ["operator aborts", { type: "operator-decided", decision: "abort", verdict }],
    ["operator takes note", { type: "operator-forgot", verdict }],
    ["heuristic on disk", { type: "heuristic-forced" }],
    ["its end on disk", { type: "heuristic-end-forced" }],
  ];
  const nameOf = (state: ParticipantState) => state.phase;
  return diagram(starts, events, nameOf, (state, event) => {
    const effects: ParticipantEffect[] = [];
    return { state: stepParticipant(state, event, effects), effects };
  });
}

function vote(from: NodeName, word: Vote["vote"]): Vote {
  const at = word === "yes" ? preparedAt : null;
  return {
    type: "vote",
    transactionId,
    from,
    vote: word,
    reason: word === "no" ? reason : null,
    results: [],
    preparedAt: at,
  };
}

function decided(from: NodeName, outcome: Decided["outcome"]): Decided {
  return { type: "decided", transactionId, from, outcome, reason: null, results: [] };
}

/** Walks everything that can be reached and draws an edge where an event changes the phase or orders something. */
function diagram<State, Event>(
  starts: readonly State[],
  events: readonly (readonly [string, Event])[],
  nameOf: (state: State) => string,
  step: (
    state: State,
    event: Event,
  ) => { readonly state: State; readonly effects: readonly { readonly type: string }[] },
): string {
  const edges = new Map<string, Set<string>>();
  const seen = new Set(starts.map((state) => JSON.stringify(state)));
  const queue = [...starts];
  for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
    for (const [label, event] of events) {
      const next = step(state, event);
      if (nameOf(next.state) !== nameOf(state)) {
        const orders = [...new Set(next.effects.map(({ type }) => type))].join(", ");
        const edge = `  ${idOf(nameOf(state))} --> ${idOf(nameOf(next.state))}`;
        const labels = edges.get(edge) ?? new Set();
        labels.add(orders ? `${label} / ${orders}` : label);
        edges.set(edge, labels);
      }
      const key = JSON.stringify(next.state);
      if (!seen.has(key)) {
        seen.add(key);
        queue.push(next.state);
      }
    }
  }
  const start = [...new Set(starts.map((state) => `  [*] --> ${idOf(nameOf(state))}`))];
  const lines = [...edges].flatMap(([edge, labels]) => [...labels].map((label) => `${edge}: ${label}`));
  return ["```mermaid", "stateDiagram-v2", ...start, ...lines, "```"].join("\n");
}

function idOf(name: string): string {
  return name.replace(/[^a-z]+/g, "_");
}
