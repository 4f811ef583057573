import type { Address, NodeName, RequestId, TransactionId } from "../schema/ids.ts";
import type { Operation, ReadResult } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import { addressesOf } from "./addresses.ts";
import {
  type CoordinatorEvent,
  type CoordinatorState,
  heardFrom,
  NO_RESULTS,
  type TransactionInfo,
  type Votes,
} from "./coordinator.ts";
import { begin, receiveInquiry, type Settlement, stepTransaction } from "./coordinator-desk.ts";
import type { Effect } from "./effects.ts";
import { invariant } from "./errors.ts";
import { makeTransactionId } from "./ids.ts";
import { lookUp } from "./look-up.ts";
import {
  isReachable,
  type NodeState,
  type RequestBase,
  type RequestState,
  type SettledRequest,
} from "./node-state.ts";
import { isRead, participantsOf } from "./operations.ts";
import { reasonFor } from "./reasons.ts";
import { renewed } from "./renewed.ts";
import { backoffMs, PARTICIPANTS_MAX, REQUESTS_MAX, SETTLED_REQUESTS_MAX } from "./settings.ts";

type Running = Extract<RequestState, { phase: "running" }>;
type Waiting = Extract<RequestState, { phase: "waiting" }>;

/** What a client asked for. `digest` covers all operations. */
export interface BeginRequest {
  readonly requestId: RequestId;
  readonly issuedAtMs: number;
  readonly operations: readonly Operation[];
  readonly timeoutMs: number;
  readonly digest: string;
  /** True when nobody has been sent the request before; otherwise it may have been. */
  readonly isFirstSend?: boolean;
}

/** A client's request: begun once, however often it is sent. */
export function receiveBegin(node: NodeState, request: BeginRequest, effects: Effect[]): void {
  const { requestId, digest, timeoutMs, isFirstSend = false } = request;
  const { requests, settled } = node.coordinator;
  const known = requests.get(requestId) ?? settled.get(requestId);
  if (known && known.digest !== digest) {
    const text = `request ${requestId} was used for other operations`;
    return refuse(request, "aborted", reasonFor(null, "request-mismatch", text), effects);
  }
  // What was given up, or is unknown, is tried again: it never commits twice.
  if (known?.phase === "settled" && isFinal(known)) return answer(known, effects);
  if (known && known.phase !== "settled") {
    const isOnlyHere = known.isOnlyHere && isFirstSend;
    const again = known.phase === "running" ? { ...known, isOutOfTime: false } : known;
    requests.set(requestId, { ...again, isOnlyHere });
    return startDeadline(requestId, timeoutMs, effects);
  }
  const refusal = findRefusal(node, request);
  if (refusal) return refuse(request, refusal.outcome, refusal.reason, effects);
  if (known) settled.delete(requestId);
  startDeadline(requestId, timeoutMs, effects);
  attempt(node, request, 1, isFirstSend, effects);
}

function startDeadline(id: RequestId, delayMs: number, effects: Effect[]): void {
  effects.push({ type: "start-timer", timer: { kind: "deadline", id }, delayMs, jitter: false });
}

function refuse(
  request: BeginRequest,
  outcome: SettledRequest["outcome"],
  reason: Reason,
  effects: Effect[],
): void {
  const { requestId, issuedAtMs, digest, isFirstSend = false } = request;
  const base = { requestId, issuedAtMs, digest, attempts: 0, isOnlyHere: isFirstSend };
  answer(
    { ...base, phase: "settled", transactionId: null, outcome, reason, votes: {}, results: NO_RESULTS },
    effects,
  );
}

/** Why a new request is not begun, if it is not. */
function findRefusal(
  node: NodeState,
  { operations, isFirstSend = false }: BeginRequest,
): (Pick<SettledRequest, "outcome"> & { readonly reason: Reason }) | null {
  const outcome = isFirstSend ? "aborted" : "unknown";
  const { name } = node.self;
  if (node.isDraining) return { outcome, reason: reasonFor(name, "draining", "this node is shutting down") };
  if (node.lowSpace !== null && leavesRecord(operations))
    return { outcome, reason: reasonFor(name, "disk-full", node.lowSpace) };
  // Finished requests make room for one another, so what is too many here is work under way.
  const { requests, settled } = node.coordinator;
  if (requests.size + settled.size >= REQUESTS_MAX) {
    const text = `${name} has ${REQUESTS_MAX - SETTLED_REQUESTS_MAX} requests under way`;
    return { outcome, reason: reasonFor(name, "busy", text) };
  }
  const count = participantsOf(operations).length;
  if (count <= PARTICIPANTS_MAX) return null;
  const text = `${count} participants; a request may name ${PARTICIPANTS_MAX}`;
  return { outcome: "aborted", reason: reasonFor(null, "invalid-operation", text) };
}

/** What only reads, and what its one participant decides itself, takes no room in its coordinator's log. */
function leavesRecord(operations: readonly Operation[]): boolean {
  return participantsOf(operations).length > 1 && !operations.every(isRead);
}

/** The first attempt or the next one: a transaction of its own, begun only when all its participants can be reached. */
function attempt(
  node: NodeState,
  request: Pick<BeginRequest, "requestId" | "issuedAtMs" | "digest" | "operations">,
  attempts: number,
  isOnlyHere: boolean,
  effects: Effect[],
): void {
  const { requestId, issuedAtMs, digest, operations } = request;
  const counter = node.coordinator.nextCounter;
  node.coordinator.nextCounter += 1;
  const transactionId = makeTransactionId(node.nodeId, node.epoch, counter);
  const names = participantsOf(operations);
  const info: TransactionInfo = {
    transactionId,
    requestId,
    issuedAtMs,
    digest,
    attempt: attempts,
    operations,
    participants: addressesOf(node, names),
  };
  // `renewed` says why the table is copied.
  node.coordinator.requests = renewed(node.coordinator.requests, counter);
  node.coordinator.requests.set(requestId, {
    requestId,
    issuedAtMs,
    digest,
    attempts,
    isOnlyHere,
    phase: "running",
    operations,
    transactionId,
    isOutOfTime: false,
  });
  if (canAllTakePart(node, names)) return begin(node, info, counter, effects);
  const away = names.filter((name) => !canTakePart(node, name));
  const reason = unreachable(node, away, attempts);
  const state: CoordinatorState = { phase: "forgotten", info, votes: [], outcome: "aborted", reason };
  for (const name of away) {
    const url = node.peers.get(name)?.url;
    if (url) effects.push({ type: "connect", to: name, url });
  }
  effects.push({ type: "coordinator-changed", state });
  settle(node, { state, outcome: "aborted", reason }, effects);
}

function canAllTakePart(node: NodeState, names: readonly NodeName[]): boolean {
  for (const name of names) if (!canTakePart(node, name)) return false;
  return true;
}

function canTakePart(node: NodeState, name: NodeName): boolean {
  return isReachable(node, name) && (name !== node.self.name || node.isParticipant);
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

/** What a request keeps through all its phases. */
function baseOf({ requestId, issuedAtMs, digest, attempts, isOnlyHere }: RequestBase): RequestBase {
  return { requestId, issuedAtMs, digest, attempts, isOnlyHere };
}

/** One event of a transaction, and what it settles of the request that the transaction is an attempt of. */
export function stepAttempt(
  node: NodeState,
  transactionId: TransactionId,
  event: CoordinatorEvent,
  effects: Effect[],
): void {
  const settlement = stepTransaction(node, transactionId, event, effects);
  if (settlement) settle(node, settlement, effects);
}

/** An attempt has ended. The next one begins only now, when this one can no longer commit. */
function settle(node: NodeState, { state, outcome, reason }: Settlement, effects: Effect[]): void {
  const { requestId, transactionId } = state.info;
  const request = node.coordinator.requests.get(requestId);
  if (request?.phase !== "running" || request.transactionId !== transactionId) return;
  const votes = wordsOf(state);
  if (outcome === "committed") {
    const results = resultsOf(state);
    return settleRequest(node, request, { transactionId, outcome, reason: null, votes, results }, effects);
  }
  const duplicate = duplicateIn(state.votes) ?? reason?.duplicateOf;
  if (duplicate?.committed) {
    const end = { transactionId: duplicate.transactionId, outcome: "committed", reason: null } as const;
    return settleRequest(node, request, { ...end, votes, results: NO_RESULTS }, effects);
  }
  const isOwn = duplicate?.transactionId.startsWith(`${node.nodeId}.${node.epoch}.`);
  const next = duplicate && !isOwn ? { ...request, isOnlyHere: false } : request;
  if (reason?.retryable && !request.isOutOfTime) return wait(node, next, reason, votes, effects);
  const end = { transactionId, ...givenUp(next, reason, votes), results: NO_RESULTS };
  settleRequest(node, next, end, effects);
}

/**
 * How a request ends that is not tried again. It is `aborted` where it can no longer commit: a participant that it would
 * change has refused it as invalid, and refuses it whoever sends it, or nobody else was ever sent it. Otherwise nothing is
 * known: another coordinator may have it, and may commit it, or may have done so.
 */
function givenUp(
  { isOnlyHere, operations }: Running | Waiting,
  reason: Reason | null,
  votes: Waiting["votes"],
): Pick<SettledRequest, "outcome" | "reason" | "votes"> {
  // Who only reads holds nothing, and does not know whether it has answered another attempt.
  const wouldHold = operations.some((each) => each.participant === reason?.participant && !isRead(each));
  const isCertain = isOnlyHere || (wouldHold && isRefusal(reason, votes));
  return { outcome: isCertain ? "aborted" : "unknown", reason, votes };
}

/** A participant's own refusal of the request: it repeats it to whoever asks. */
function isRefusal(reason: Reason | null, votes: Waiting["votes"]): boolean {
  if (!reason?.participant || reason.retryable || reason.code === "request-expired") return false;
  return lookUp(votes, reason.participant) === "no";
}

function isFinal({ outcome, reason, votes }: SettledRequest): boolean {
  return outcome === "committed" || (outcome === "aborted" && isRefusal(reason, votes));
}

function wait(
  node: NodeState,
  request: Running,
  reason: Reason,
  votes: Waiting["votes"],
  effects: Effect[],
): void {
  const { requestId, attempts, operations, transactionId } = request;
  const base = baseOf(request);
  node.coordinator.requests.set(requestId, {
    ...base,
    phase: "waiting",
    operations,
    transactionId,
    reason,
    votes,
  });
  const { retryFirstMs, retryCapMs } = node.settings;
  const delayMs = backoffMs(attempts, retryFirstMs, retryCapMs);
  effects.push({ type: "start-timer", timer: { kind: "retry", id: requestId }, delayMs, jitter: true });
  const { duplicateOf, participant } = reason;
  if (duplicateOf && participant && duplicateOf.transactionId.startsWith(`${node.nodeId}.`)) {
    // An attempt of this store that the participant still holds: it is as good as an inquiry.
    const inquiry = { type: "inquiry", transactionId: duplicateOf.transactionId, from: participant } as const;
    receiveInquiry(node, inquiry, effects);
  }
}

/** One that says it has committed tells more than one that only holds the request. */
function duplicateIn(votes: Votes) {
  const found = votes.flatMap(({ reason }) => reason?.duplicateOf ?? []);
  return found.find(({ committed }) => committed) ?? found[0];
}

type Words = Readonly<Record<string, string | null>>;

/** Mostly the same participants as last time have all voted `yes`. */
let lastYes: { readonly participants: readonly Address[]; readonly words: Words } | null = null;

function wordsOf({ info: { participants }, votes }: CoordinatorState): Words {
  const isAllYes = votes.length === participants.length && votes.every(({ vote }) => vote === "yes");
  if (!isAllYes) return wordsIn(participants, votes);
  if (lastYes?.participants !== participants) lastYes = { participants, words: wordsIn(participants, votes) };
  return lastYes.words;
}

function wordsIn(participants: readonly Address[], votes: Votes): Words {
  const words: Record<string, string | null> = {};
  for (const { name } of participants) words[name] = heardFrom(votes, name)?.vote ?? null;
  return words;
}

/** What the participants have read, in their order. */
function resultsOf({ info, votes }: CoordinatorState): readonly ReadResult[] {
  if (votes.every(({ results }) => results.length === 0)) return NO_RESULTS;
  return info.participants.flatMap(({ name }) => heardFrom(votes, name)?.results ?? []);
}

function settleRequest(
  node: NodeState,
  request: Running | Waiting,
  end: Pick<SettledRequest, "transactionId" | "outcome" | "reason" | "votes" | "results">,
  effects: Effect[],
): void {
  const { requestId, issuedAtMs, digest, attempts, isOnlyHere, phase } = request;
  const { transactionId, outcome, reason, votes, results } = end;
  const settled: SettledRequest = {
    requestId,
    issuedAtMs,
    digest,
    attempts,
    isOnlyHere,
    phase: "settled",
    transactionId,
    outcome,
    reason,
    votes,
    results,
  };
  node.coordinator.requests.delete(requestId);
  node.coordinator.settled.add(settled);
  effects.push({ type: "stop-timer", kind: "deadline", id: requestId });
  if (phase === "waiting") effects.push({ type: "stop-timer", kind: "retry", id: requestId });
  answer(settled, effects);
}

function answer(settled: SettledRequest, effects: Effect[]): void {
  effects.push({ type: "answer-client", digest: settled.digest, outcome: settled });
}

function attemptAgain(node: NodeState, request: Waiting, effects: Effect[]): void {
  attempt(node, request, request.attempts + 1, request.isOnlyHere, effects);
}

/** The pause after a transient failure is over. */
export function retry(node: NodeState, requestId: RequestId, effects: Effect[]): void {
  const request = node.coordinator.requests.get(requestId);
  if (request?.phase === "waiting") attemptAgain(node, request, effects);
}

/** A participant is back: requests that waited for it need not wait longer. */
export function retryFor(node: NodeState, name: NodeName, effects: Effect[]): void {
  for (const request of [...node.coordinator.requests.values()]) {
    if (request.phase !== "waiting" || request.reason.code !== "participant-unreachable") continue;
    const names = participantsOf(request.operations);
    if (names.includes(name) && names.every((each) => isReachable(node, each)))
      attemptAgain(node, request, effects);
  }
}

/** The request's time is over: what can still be stopped is; what cannot is answered `unknown`. */
export function expire(node: NodeState, requestId: RequestId, effects: Effect[]): void {
  const request = node.coordinator.requests.get(requestId);
  if (!request) return;
  if (request.phase === "waiting") {
    const { transactionId, reason, votes } = request;
    const end = { transactionId, ...givenUp(request, reason, votes), results: NO_RESULTS };
    return settleRequest(node, request, end, effects);
  }
  node.coordinator.requests.set(requestId, { ...request, isOutOfTime: true });
  const state = node.coordinator.transactions.get(request.transactionId);
  const reason = lateReason(state, "the request's time is over");
  stepAttempt(node, request.transactionId, { type: "gave-up", reason }, effects);
  if (state?.phase !== "one-phase") return;
  const { transactionId, attempts, digest } = request;
  const outcome = {
    requestId,
    transactionId,
    outcome: "unknown",
    attempts,
    reason: null,
    votes: wordsOf(state),
    results: [],
  } as const;
  effects.push({ type: "answer-client", digest, outcome });
}

/** Who has not voted, as the reason for giving up. */
export function lateReason(state: CoordinatorState | undefined, text: string): Reason {
  const late = state?.info.participants.find(({ name }) => !heardFrom(state.votes, name));
  return reasonFor(late?.name ?? null, "vote-timeout", late ? `no vote from ${late.name}: ${text}` : text);
}
