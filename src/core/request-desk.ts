import type { NodeName, RequestId } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import type { CoordinatorState, TransactionInfo, Votes } from "./coordinator.ts";
import {
  begin,
  type DeskStep,
  participantsOf,
  receiveInquiry,
  type Settlement,
  stepTransaction,
} from "./coordinator-desk.ts";
import type { Effect } from "./effects.ts";
import { invariant } from "./errors.ts";
import { makeTransactionId } from "./ids.ts";
import { isReachable, type NodeState, type RequestState } from "./node-state.ts";
import { reasonFor } from "./reasons.ts";
import { backoffMs, SETTLED_REQUESTS_MAX } from "./settings.ts";

type Running = Extract<RequestState, { phase: "running" }>;
type Waiting = Extract<RequestState, { phase: "waiting" }>;
type Settled = Extract<RequestState, { phase: "settled" }>;

/** What a client asked for. `digest` covers all operations. */
export interface BeginRequest {
  readonly requestId: RequestId;
  readonly issuedAtMs: number;
  readonly operations: readonly Operation[];
  readonly timeoutMs: number;
  readonly digest: string;
}

/** A client's request: begun once, however often it is sent. */
export function receiveBegin(node: NodeState, request: BeginRequest): Effect[] {
  const { requestId, issuedAtMs, digest, timeoutMs, operations } = request;
  const known = node.coordinator.requests.get(requestId);
  const base = { requestId, issuedAtMs, digest, attempts: 0 };
  if (known && known.digest !== digest) {
    const reason = reasonFor(null, "request-mismatch", `request ${requestId} was used for other operations`);
    return [
      answer({
        ...base,
        phase: "settled",
        transactionId: null,
        outcome: "aborted",
        reason,
        votes: {},
        results: [],
      }),
    ];
  }
  const deadline: Effect = {
    type: "start-timer",
    timer: { kind: "deadline", id: requestId },
    delayMs: timeoutMs,
    jitter: false,
  };
  if (known?.phase === "settled") return [answer(known)];
  if (known?.phase === "running") {
    node.coordinator.requests.set(requestId, { ...known, isOutOfTime: false });
    return [deadline];
  }
  if (known) return [deadline];
  if (node.isDraining) {
    const reason = reasonFor(node.self.name, "draining", "this node is shutting down");
    return [
      answer({
        ...base,
        phase: "settled",
        transactionId: null,
        outcome: "aborted",
        reason,
        votes: {},
        results: [],
      }),
    ];
  }
  return [deadline, ...attempt(node, { ...base, operations })];
}

/** One attempt: a transaction of its own, begun only when all its participants can be reached. */
function attempt(
  node: NodeState,
  request: Pick<Running, "requestId" | "issuedAtMs" | "digest" | "attempts" | "operations">,
): Effect[] {
  const attempts = request.attempts + 1;
  const { requestId, issuedAtMs, digest, operations } = request;
  const transactionId = makeTransactionId(node.nodeId, node.epoch, node.coordinator.nextCounter);
  node.coordinator.nextCounter += 1;
  const names = participantsOf(operations);
  const participants = names.map((name) => addressOf(node, name));
  const info: TransactionInfo = {
    transactionId,
    requestId,
    issuedAtMs,
    digest,
    attempt: attempts,
    operations,
    participants,
  };
  node.coordinator.requests.set(requestId, {
    phase: "running",
    requestId,
    issuedAtMs,
    digest,
    attempts,
    operations,
    transactionId,
    isOutOfTime: false,
  });
  const away = names.filter(
    (name) => !isReachable(node, name) || (name === node.self.name && !node.isParticipant),
  );
  if (away.length === 0) return finishStep(node, begin(node, info));
  const reason = unreachable(node, away, attempts);
  const state: CoordinatorState = { phase: "forgotten", info, votes: {}, outcome: "aborted", reason };
  const dials = away.flatMap((name): Effect[] => {
    const url = node.peers.get(name)?.url;
    return url ? [{ type: "connect", to: name, url }] : [];
  });
  return [
    ...dials,
    { type: "coordinator-changed", state },
    ...settle(node, { state, outcome: "aborted", reason }),
  ];
}

function addressOf(node: NodeState, name: NodeName): { name: NodeName; url: string } {
  if (name === node.self.name) return node.self;
  return { name, url: node.peers.get(name)?.url ?? "" };
}

function unreachable(node: NodeState, away: readonly NodeName[], attempts: number): Reason {
  const stranger = away.find((name) => !node.peers.has(name));
  if (stranger && attempts >= node.settings.unknownParticipantAttempts) {
    const known = [...node.peers.keys()].join(", ") || "none";
    return reasonFor(
      stranger,
      "unknown-participant",
      `no participant named ${stranger} has registered (known: ${known})`,
    );
  }
  const name = stranger ?? away[0];
  invariant(name, "an unreachable participant has a name");
  return reasonFor(
    name,
    "participant-unreachable",
    `${name} is ${stranger ? "not registered" : "not connected"}`,
  );
}

/** Carries a step's settlement, if it has one, to the request it belongs to. */
export function finishStep(node: NodeState, step: DeskStep): Effect[] {
  return step.settlement ? [...step.effects, ...settle(node, step.settlement)] : step.effects;
}

/** An attempt has ended. The next one begins only now, when this one can no longer commit. */
function settle(node: NodeState, { state, outcome, reason }: Settlement): Effect[] {
  const { requestId, transactionId } = state.info;
  const request = node.coordinator.requests.get(requestId);
  if (request?.phase !== "running" || request.transactionId !== transactionId) return [];
  const votes = wordsOf(state);
  const results = state.info.participants.flatMap(({ name }) => state.votes[name]?.results ?? []);
  if (outcome === "committed") {
    return settleRequest(node, request, { transactionId, outcome, reason: null, votes, results });
  }
  const duplicate = duplicateIn(state.votes) ?? reason?.duplicateOf;
  if (duplicate?.committed) {
    return settleRequest(node, request, {
      transactionId: duplicate.transactionId,
      outcome: "committed",
      reason: null,
      votes,
      results: [],
    });
  }
  if (reason?.code === "request-expired") {
    return settleRequest(node, request, { transactionId, outcome: "unknown", reason, votes, results: [] });
  }
  if (!reason?.retryable || request.isOutOfTime) {
    const final = duplicate ? "unknown" : "aborted"; // The one that holds the request may still commit.
    return settleRequest(node, request, { transactionId, outcome: final, reason, votes, results: [] });
  }
  return wait(node, request, reason, votes);
}

function wait(node: NodeState, request: Running, reason: Reason, votes: Waiting["votes"]): Effect[] {
  const { requestId, issuedAtMs, digest, attempts, operations, transactionId } = request;
  node.coordinator.requests.set(requestId, {
    phase: "waiting",
    requestId,
    issuedAtMs,
    digest,
    attempts,
    operations,
    transactionId,
    reason,
    votes,
  });
  const { retryFirstMs, retryCapMs } = node.settings;
  const delayMs = backoffMs(attempts, retryFirstMs, retryCapMs);
  const effects: Effect[] = [
    { type: "start-timer", timer: { kind: "retry", id: requestId }, delayMs, jitter: true },
  ];
  const { duplicateOf, participant } = reason;
  if (duplicateOf && participant && duplicateOf.transactionId.startsWith(`${node.nodeId}.`)) {
    // An attempt of this store that the participant still holds: it is as good as an inquiry.
    const inquiry = { type: "inquiry", transactionId: duplicateOf.transactionId, from: participant } as const;
    effects.push(...finishStep(node, receiveInquiry(node, inquiry)));
  }
  return effects;
}

function duplicateIn(votes: Votes) {
  for (const vote of Object.values(votes)) if (vote.reason?.duplicateOf) return vote.reason.duplicateOf;
  return undefined;
}

function wordsOf(state: CoordinatorState): Record<string, string | null> {
  return Object.fromEntries(
    state.info.participants.map(({ name }) => [name, state.votes[name]?.vote ?? null]),
  );
}

function settleRequest(
  node: NodeState,
  request: Running | Waiting,
  end: Pick<Settled, "transactionId" | "outcome" | "reason" | "votes" | "results">,
): Effect[] {
  const { requestId, issuedAtMs, digest, attempts } = request;
  const settled: Settled = { phase: "settled", requestId, issuedAtMs, digest, attempts, ...end };
  rememberRequest(node, settled);
  return [
    { type: "stop-timer", timer: { kind: "deadline", id: requestId } },
    { type: "stop-timer", timer: { kind: "retry", id: requestId } },
    answer(settled),
  ];
}

/** Keeps the newest settled requests; participants guard against repeating the ones dropped here. */
export function rememberRequest(node: NodeState, settled: Settled): void {
  const { requests } = node.coordinator;
  requests.delete(settled.requestId);
  requests.set(settled.requestId, settled);
  if (requests.size <= SETTLED_REQUESTS_MAX) return;
  for (const [requestId, request] of requests) {
    if (request.phase !== "settled") continue;
    requests.delete(requestId);
    return;
  }
}

function answer(settled: Settled): Effect {
  const { requestId, transactionId, outcome, attempts, reason, votes, results } = settled;
  return {
    type: "answer-client",
    outcome: { requestId, transactionId, outcome, attempts, reason, votes, results },
  };
}

/** The pause after a transient failure is over. */
export function retry(node: NodeState, requestId: RequestId): Effect[] {
  const request = node.coordinator.requests.get(requestId);
  return request?.phase === "waiting" ? attempt(node, request) : [];
}

/** A participant is back: requests that waited for it need not wait longer. */
export function retryFor(node: NodeState, name: NodeName): Effect[] {
  const effects: Effect[] = [];
  for (const request of [...node.coordinator.requests.values()]) {
    if (request.phase !== "waiting" || request.reason.code !== "participant-unreachable") continue;
    const names = participantsOf(request.operations);
    if (names.includes(name) && names.every((each) => isReachable(node, each)))
      effects.push(...attempt(node, request));
  }
  return effects;
}

/** The request's time is over: what can still be stopped is; what cannot is answered `unknown`. */
export function expire(node: NodeState, requestId: RequestId): Effect[] {
  const request = node.coordinator.requests.get(requestId);
  if (!request || request.phase === "settled") return [];
  if (request.phase === "waiting") {
    const { transactionId, reason, votes } = request;
    const outcome = reason.duplicateOf ? "unknown" : "aborted";
    return settleRequest(node, request, { transactionId, outcome, reason, votes, results: [] });
  }
  node.coordinator.requests.set(requestId, { ...request, isOutOfTime: true });
  const state = node.coordinator.transactions.get(request.transactionId);
  const effects = finishStep(
    node,
    stepTransaction(node, request.transactionId, {
      type: "gave-up",
      reason: lateReason(state, "the request's time is over"),
    }),
  );
  if (state?.phase !== "one-phase") return effects;
  const { transactionId, attempts } = request;
  const outcome = {
    requestId,
    transactionId,
    outcome: "unknown",
    attempts,
    reason: null,
    votes: wordsOf(state),
    results: [],
  } as const;
  return [...effects, { type: "answer-client", outcome }];
}

/** Who has not voted, as the reason for giving up. */
export function lateReason(state: CoordinatorState | undefined, text: string): Reason {
  const late = state?.info.participants.find(({ name }) => !state.votes[name]);
  return reasonFor(late?.name ?? null, "vote-timeout", late ? `no vote from ${late.name}: ${text}` : text);
}
