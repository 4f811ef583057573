import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { Inquiry, InquiryAnswer } from "../schema/protocol.ts";
import type { Effect } from "./effects.ts";
import { allInDoubt, coordinatorOf, inDoubtOf, markInDoubt } from "./in-doubt.ts";
import { lookUp } from "./look-up.ts";
import { isReachable, type NodeState } from "./node-state.ts";
import { outcomeOf } from "./outcomes.ts";
import { stepEntry } from "./participant-desk.ts";
import type { Heuristic, ParticipantState, Prepared } from "./participant-state.ts";
import { backoffMs } from "./settings.ts";

// What a round or message amounts to is added to `effects`.

/** A round: who has been in doubt since the last one asks. Ends when nobody is. */
export function inquire(node: NodeState, coordinator: NodeName, effects: Effect[]): void {
  const tables = node.participant;
  if (inDoubtOf(node, coordinator).next().done) {
    tables.inquiryRounds.delete(coordinator);
    tables.longInDoubt.delete(coordinator);
    return;
  }
  inquireAll(node, coordinator, "long", effects);
  const round = (tables.inquiryRounds.get(coordinator) ?? 0) + 1;
  tables.inquiryRounds.set(coordinator, round);
  const { inquiryFirstMs, inquiryCapMs } = node.settings;
  const delayMs = backoffMs(round, inquiryFirstMs, inquiryCapMs);
  effects.push({ type: "start-timer", timer: { kind: "inquire", id: coordinator }, delayMs, jitter: true });
}

/**
 * Asks about every transaction that was in doubt at the last round already, or that is: the coordinator, and where it is away or
 * has lost its store, the peers as well.
 */
export function inquireAll(
  node: NodeState,
  coordinator: NodeName,
  which: "long" | "all",
  effects: Effect[],
): void {
  const before = node.participant.longInDoubt.get(coordinator);
  markInDoubt(node, coordinator);
  const isAway = !isReachable(node, coordinator);
  const dialled = new Set<NodeName>();
  for (const state of inDoubtOf(node, coordinator)) {
    const { transactionId } = state.job;
    if (which === "long" && before?.has(transactionId) !== true) continue;
    const isLost = lookUp(state.answers, coordinator) === "not-mine";
    const asked =
      isAway || isLost ? [state.job.coordinator, ...peersOf(node, state)] : [state.job.coordinator];
    for (const { name, url } of asked) ask(node, transactionId, name, url, dialled, effects);
  }
}

/** Asks one node about one transaction; one that is away is dialled, once for all of them. */
function ask(
  node: NodeState,
  transactionId: TransactionId,
  to: NodeName,
  url: string,
  dialled: Set<NodeName>,
  effects: Effect[],
): void {
  const known = node.peers.get(to)?.url;
  if (isReachable(node, to)) {
    const message = { type: "inquiry", transactionId, from: node.self.name } as const;
    effects.push({ type: "send", to, url: known ?? null, message });
    return;
  }
  const address = known ?? url;
  if (dialled.has(to) || address === "") return;
  dialled.add(to);
  effects.push({ type: "connect", to, url: address });
}

/** The other participants of a transaction in doubt. */
function peersOf(node: NodeState, { job }: Prepared | Heuristic) {
  return job.participants.filter(({ name }) => name !== node.self.name && name !== job.coordinator.name);
}

/** A node is back: it is asked about everything it took part in whose coordinator is away. */
export function askPeer(node: NodeState, peer: NodeName, effects: Effect[]): void {
  for (const state of allInDoubt(node)) {
    if (isReachable(node, coordinatorOf(state))) continue;
    if (!peersOf(node, state).some(({ name }) => name === peer)) continue;
    ask(node, state.job.transactionId, peer, "", new Set(), effects);
  }
}

/** A peer in doubt asks. What is not known any more is answered `unknown`: it may have been committed and forgotten. */
export function receivePeerInquiry(
  node: NodeState,
  { transactionId, from }: Inquiry,
  effects: Effect[],
): void {
  const state = node.participant.transactions.get(transactionId);
  if (!state) {
    const answer = outcomeOf(node.participant.outcomes, transactionId) ?? "unknown";
    const message = { type: "inquiry-answer", transactionId, from: node.self.name, answer } as const;
    effects.push({ type: "send", to: from, url: node.peers.get(from)?.url ?? null, message });
    return;
  }
  // Who did not take part has no business with it; a checkpoint does not keep who did.
  const participants = state.job?.participants ?? [];
  if (participants.length > 0 && !participants.some(({ name }) => name === from)) return;
  stepEntry(node, transactionId, { type: "peer-inquiry-received", from }, effects);
}

/** Decisions are taken from the transaction's other participants alone; a coordinator decides by `commit` and `abort`. */
export function receiveAnswer(
  node: NodeState,
  { transactionId, from, answer }: InquiryAnswer,
  effects: Effect[],
): void {
  const state = node.participant.transactions.get(transactionId);
  if (!isAsking(state)) return;
  const isPeer = peersOf(node, state).some(({ name }) => name === from);
  const isCoordinator = from === state.job.coordinator.name;
  const decides = answer === "commit" || answer === "abort";
  if (!isPeer && (!isCoordinator || decides)) return;
  stepEntry(node, transactionId, { type: "answer-received", from, answer }, effects);
}

/** In doubt, or settled by an operator without the decision. */
function isAsking(state: ParticipantState | undefined): state is Prepared | Heuristic {
  return state?.phase === "prepared" || state?.phase === "heuristic";
}
