import type { NodeName } from "../schema/ids.ts";
import { grouped, money } from "../schema/money.ts";
import type { Operation } from "../schema/operations.ts";
import type { BranchView, ParticipantView } from "../schema/views.ts";
import { attemptToCome } from "./attempts.ts";
import { heuristicFacts, openHeuristics } from "./heuristic.ts";
import type { Model, Transaction } from "./model.ts";
import { isAway } from "./node-status.ts";

/**
 * One word for a transaction. `aborting`: the coordinator has decided and a participant still holds its work.
 * `in-doubt`: a participant is prepared and its coordinator is out of reach. `retrying`: this attempt is aborted, and its
 * request waits for the next one. `heuristic`: an operator has decided at a
 * participant, and that is not compared yet. `mixed`: it was compared and differs, and nobody has taken note of it.
 */
export type TransactionStatus =
  | "preparing"
  | "one-phase"
  | "deciding"
  | "committing"
  | "aborting"
  | "in-doubt"
  | "retrying"
  | "heuristic"
  | "mixed"
  | "committed"
  | "aborted"
  | "unknown";

export function transactionStatus(model: Model, transaction: Transaction): TransactionStatus {
  const { coordinatorView: view } = transaction;
  // The common case of thousands that are looked at for each frame: over and done with, whatever else goes on.
  const open = openHeuristics(transaction);
  if (view?.phase === "forgotten" && view.outcome === "committed" && open.length === 0) return "committed";
  if (open.some((fact) => fact.ending === "mixed")) return "mixed";
  const status = statusByProtocol(model, transaction);
  return open.length > 0 && status !== "in-doubt" ? "heuristic" : status;
}

function statusByProtocol(model: Model, transaction: Transaction): TransactionStatus {
  const view = transaction.coordinatorView;
  const prepared = preparedParticipants(transaction).length > 0;
  if (isHalfTold(model, transaction)) return prepared ? "preparing" : statusByParticipants(transaction);
  if (view !== null && view.outcome === "aborted") {
    if (prepared) return "aborting";
    return attemptToCome(model, transaction) === null ? "aborted" : "retrying";
  }
  if (view?.phase === "forgotten") return view.outcome ?? "unknown";
  const unreachable =
    view === null ||
    transaction.forgottenByRestart ||
    (transaction.coordinator !== null && isAway(model, transaction.coordinator));
  if (prepared && unreachable) return "in-doubt";
  if (view === null || transaction.forgottenByRestart) return statusByParticipants(transaction);
  const learnt = unreachable && view.outcome === null ? statusWithoutCoordinator(transaction) : null;
  return learnt ?? view.phase;
}

/** So long after its beginning a transaction of which only participants tell is what they say. */
const HALF_TOLD_MS = 3_000;

/** Whether its coordinator is there, and only its word has not come yet, or is not told: it tells a share of its transactions. */
function isHalfTold(model: Model, transaction: Transaction): boolean {
  const { coordinator, coordinatorView, forgottenByRestart, startedAtMs } = transaction;
  if (coordinatorView !== null || coordinator === null || forgottenByRestart) return false;
  if (model.latestMs - startedAtMs > HALF_TOLD_MS) return false;
  return model.nodes.get(coordinator)?.link === "connected" && !isAway(model, coordinator);
}

/** What participants have learnt from each other, or from an operator, while their coordinator is away; null where nothing. */
function statusWithoutCoordinator(transaction: Transaction): TransactionStatus | null {
  const phases = [...transaction.participants.values()].map((view) => view.phase);
  if (phases.includes("committed")) return "committing";
  if (phases.length > 0 && phases.every((phase) => phase === "aborted")) return "aborted";
  const isOver = phases.every((phase) => phase !== "working" && phase !== "prepared");
  return isOver && heuristicFacts(transaction).length > 0 ? "unknown" : null;
}

function statusByParticipants(transaction: Transaction): TransactionStatus {
  const phases = [...transaction.participants.values()].map((view) => view.phase);
  if (phases.includes("working")) return "preparing";
  if (phases.includes("committed")) return "committed";
  // No record at a coordinator that has recovered means that it never decided to commit.
  if (phases.includes("aborted") || transaction.forgottenByRestart) return "aborted";
  return "unknown";
}

export function isFinished(status: TransactionStatus): boolean {
  return status === "committed" || status === "aborted" || status === "unknown";
}

/** A frame asks several times; a model never changes. */
const unfinished = new WeakMap<Model, readonly Transaction[]>();

export function unfinishedTransactions(model: Model): readonly Transaction[] {
  const known = unfinished.get(model);
  if (known !== undefined) return known;
  const found = [...model.transactions.values()].filter(
    (each) => !isFinished(transactionStatus(model, each)),
  );
  unfinished.set(model, found);
  return found;
}

/** Participants that hold work for the transaction and wait for the decision. */
export function preparedParticipants(transaction: Transaction): readonly NodeName[] {
  const names: NodeName[] = [];
  for (const [name, view] of transaction.participants) if (isHolding(view)) names.push(name);
  return names;
}

/** All participants, in the coordinator's order. */
export function participantNames(transaction: Transaction): readonly NodeName[] {
  const names = new Set<NodeName>(transaction.coordinatorView?.branches.map((branch) => branch.name));
  for (const name of transaction.participants.keys()) names.add(name);
  return [...names];
}

/** The letters of the vote matrix. */
export const VOTE_LETTERS = {
  ".": "nothing told",
  "?": "asked for its vote",
  Y: "voted yes",
  N: "voted no",
  R: "voted read-only",
  P: "prepared, in doubt",
  H: "decided by hand: heuristic",
  M: "by hand, and otherwise: mixed",
  C: "committed, not acked",
  A: "acked the commit",
  X: "not reachable",
  T: "timed out",
  "-": "not needed",
} as const;
export type VoteLetter = keyof typeof VOTE_LETTERS;

/** Where one participant stands in one transaction, as one letter. */
export function voteLetter(model: Model, transaction: Transaction, name: NodeName): VoteLetter {
  const branch = transaction.coordinatorView?.branches.find((each) => each.name === name);
  const own = transaction.participants.get(name);
  // Only the coordinator can tell who takes part.
  if (branch === undefined && own === undefined) return transaction.coordinatorView === null ? "." : "-";
  const status = transactionStatus(model, transaction);
  const ending = own?.heuristic?.ending;
  if (ending === "mixed") return "M";
  if (own?.phase === "heuristic" && ending !== "agreed") return "H";
  if (branch?.acked) return "A";
  const vote = branch?.vote ?? own?.vote ?? null;
  if (vote === "no") return "N";
  if (vote === "read-only") return "R";
  const failure = transaction.coordinatorView?.reason;
  if (vote === null && failure?.participant === name) {
    if (failure.code === "vote-timeout") return "T";
    if (failure.code === "participant-unreachable") return "X";
  }
  if (!isFinished(status) && isAway(model, name)) return "X";
  if (own?.phase === "committed") return isFinished(status) ? "A" : "C";
  if (status === "in-doubt" && own !== undefined && isHolding(own)) return "P";
  if (vote === "yes") return "Y";
  const undecided = status === "preparing" || status === "one-phase" || status === "in-doubt";
  return undecided ? (branch ? "?" : ".") : "-";
}

function isHolding(view: ParticipantView): boolean {
  return view.phase === "prepared" || view.phase === "performing";
}

/** The branches whose vote is still out. */
export function branchesWithoutVote(transaction: Transaction): readonly BranchView[] {
  return (transaction.coordinatorView?.branches ?? []).filter((branch) => branch.vote === null);
}

/** The branches that voted yes and have not acked the commit. */
export function branchesWithoutAck(transaction: Transaction): readonly BranchView[] {
  return (transaction.coordinatorView?.branches ?? []).filter((each) => each.vote === "yes" && !each.acked);
}

/** What the transaction does, short: `ship 2 LAMP-01, 49.80 alice > revenue`; empty when nobody told. */
export function workSummary(transaction: Transaction): string {
  const operations = transaction.coordinatorView?.operations ?? null;
  if (operations !== null) return operations.map(operationText).join(", ");
  const keys = [...transaction.participants.values()].flatMap((view) => view.redo.map((delta) => delta.key));
  return keys.join(", ");
}

/** One operation in the words of its participant. */
export function operationText(operation: Operation): string {
  const { participant, op, ...rest } = operation;
  const fields: Record<string, string | number | boolean> = rest;
  const { sku, quantity, debit, credit, amount, account } = fields;
  if (sku !== undefined && quantity !== undefined) return `${op} ${grouped(String(quantity))} ${sku}`;
  if (debit !== undefined && credit !== undefined) return `${amountText(amount)} ${debit} > ${credit}`;
  if (op === "read") return `read ${sku ?? account ?? participant}`;
  return [op, ...Object.entries(fields).map(([key, value]) => `${key}=${value}`)].join(" ");
}

function amountText(amount: string | number | boolean | undefined): string {
  const text = String(amount ?? "");
  return /^[0-9]+$/.test(text) ? money(text) : text;
}

/** From the first word to the coordinator's end, in milliseconds; null while unfinished. */
export function tookMs(transaction: Transaction): number | null {
  const view = transaction.coordinatorView;
  return view === null || view.endedAtMs === null ? null : view.endedAtMs - view.startedAtMs;
}
