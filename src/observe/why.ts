import { assertNever } from "../core/errors.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Reason } from "../schema/reasons.ts";
import { attemptToCome } from "./attempts.ts";
import { counted } from "./figures.ts";
import { heldOf, isHolding } from "./held.ts";
import { heuristicFacts, heuristicLine, openHeuristics } from "./heuristic.ts";
import { awayWord, blockedText, isBlocked } from "./in-doubt.ts";
import { heldLocks, type Waiting, waitingBehind } from "./locks.ts";
import { isCutBetween } from "./lost-links.ts";
import type { Model, Transaction } from "./model.ts";
import { isAway } from "./node-status.ts";
import { shortId } from "./short-id.ts";
import {
  branchesWithoutAck,
  branchesWithoutVote,
  participantNames,
  preparedParticipants,
  type TransactionStatus,
  transactionStatus,
} from "./transaction.ts";
import { type Tries, triesOf, triesWord } from "./tries.ts";

/** Why a transaction is not finished. Every field is a short English phrase. */
export interface Explanation {
  /** What it waits for, in full. */
  readonly waitsFor: string;
  /** The same for a narrow column: `ledger (down): vote`. */
  readonly needs: string;
  /** The nodes without which it cannot go on; empty while all is on its way. */
  readonly blockedBy: readonly NodeName[];
  readonly lastError: string | null;
  /** What is tried again, how often it was, and when next; null where nothing is. */
  readonly tries: Tries | null;
  /** Rows that nobody else can have until it ends. */
  readonly holds: readonly string[];
  /** Requests that were refused for these rows and are tried again. */
  readonly behind: readonly Waiting[];
  /** What can be done without risk. */
  readonly safe: string;
  /** What settles it at the risk that participants end differently; null where there is no such way. */
  readonly unsafe: string | null;
  /** The decisions an operator can give for it by `resolve`; empty where there is none. */
  readonly resolutions: readonly Resolution[];
}

export type Resolution = "commit" | "abort" | "forget" | "hazard";

/** Null when the transaction is finished. */
export function explain(model: Model, transaction: Transaction): Explanation | null {
  const status = transactionStatus(model, transaction);
  const part = partFor(model, transaction, status);
  if (part === null) return null;
  const held = heldOf(model, transaction.id);
  // A node that is away keeps it waiting whatever is let go.
  const isStep = held > 0 && !part.blockedBy.some((name) => isAway(model, name));
  const waiting = isStep ? { ...part, ...waitingForStep(held) } : part;
  const holds = [...new Set(heldLocks(transaction).map((lock) => lock.key))];
  return {
    unsafe: null,
    resolutions: [],
    ...waiting,
    holds,
    behind: waitingBehind(model, transaction),
    tries: isStep || isHolding(model) ? null : triesOf(model, transaction, status),
  };
}

/** Step mode: nothing is late, and nobody but the user is waited for. */
function waitingForStep(held: number): Pick<Part, "waitsFor" | "needs" | "blockedBy" | "safe"> {
  return {
    waitsFor: `${counted(held, "held message")} to be let go`,
    needs: `${counted(held, "held message")}`,
    blockedBy: [],
    safe: "let the next message go, or all of them",
  };
}

function partFor(model: Model, transaction: Transaction, status: TransactionStatus): Part | null {
  switch (status) {
    case "preparing":
    case "one-phase":
      return waitingForVotes(model, transaction, status === "one-phase");
    case "deciding":
      return coordinatorAtWork(model, transaction, "the decision to be forced to the log");
    case "committing":
      return waitingForAcks(model, transaction);
    case "aborting":
      return waitingForAbort(model, transaction);
    case "in-doubt":
      return inDoubt(model, transaction);
    case "retrying":
      return waitingForAttempt(model, transaction);
    case "heuristic":
      return waitingForComparison(model, transaction);
    case "mixed":
      return waitingForOperator(transaction);
    case "committed":
    case "aborted":
    case "unknown":
      return null;
    default:
      return assertNever(status, "status");
  }
}

/**
 * The one line: what an unfinished transaction waits for and who blocks it, the last error, how often it was tried, and
 * what can safely be done; or why a finished one ended as it did. What matters most comes first, for columns cut the end.
 */
export function whyLine(model: Model, transaction: Transaction): string {
  const status = transactionStatus(model, transaction);
  const byHand = heuristicLine(transaction);
  if (byHand !== null && status !== "in-doubt") return byHand;
  const explanation = explain(model, transaction);
  if (explanation !== null) {
    const { needs, lastError, tries, safe } = explanation;
    const head = isBlocked(model, transaction)
      ? [`blocked: ${blockedText(model, transaction)}`]
      : [`needs ${needs}`, lastError ?? ""];
    const parts = [...head, tries === null ? "" : triesWord(tries)];
    return `${parts.filter((text) => text !== "").join(", ")}; safe: ${safe}`;
  }
  const reason = transaction.coordinatorView?.reason ?? ownReason(transaction);
  if (reason !== null) return reasonText(reason);
  if (transaction.forgottenByRestart) return "coordinator restarted undecided: presumed abort";
  return "";
}

/** `warehouse: has 0 of BOOK-01, 1 asked`; the code only where there is no message. */
export function reasonText(reason: Reason): string {
  const { participant } = reason;
  const text = reason.message === "" ? reason.code : reason.message;
  return participant === null || text.includes(participant) ? text : `${participant}: ${text}`;
}

function ownReason(transaction: Transaction): Reason | null {
  for (const view of transaction.participants.values()) if (view.reason !== null) return view.reason;
  return null;
}

type Part = Omit<Explanation, "holds" | "behind" | "unsafe" | "resolutions" | "tries"> &
  Partial<Pick<Explanation, "unsafe" | "resolutions">>;

function waitingForAttempt(model: Model, transaction: Transaction): Part {
  const { coordinator } = transaction;
  const reason = transaction.coordinatorView?.reason ?? null;
  const blocker = reason?.participant ?? null;
  const way = wayTo(model, transaction, blocker === null ? [] : [blocker]);
  const attempt = attemptToCome(model, transaction)?.attempt ?? 1;
  const done = doneByHand(model, reason);
  if (done !== null) {
    return {
      waitsFor: `attempt ${attempt} of its request, which will be refused: ${done} was committed by hand with the same request`,
      needs: `nothing more: ${done} was committed by hand`,
      blockedBy: [],
      lastError: reason === null ? null : reasonText(reason),
      safe: `see to ${done}, which has done this work; no attempt does it twice, and its client is told unknown when its time is over`,
    };
  }
  return {
    waitsFor: `attempt ${attempt} of its request${blocker === null ? "" : `, which needs ${nodeWord(model, blocker, coordinator)}`}`,
    needs:
      blocker === null
        ? `attempt ${attempt}`
        : `${nodeWord(model, blocker, coordinator)}: attempt ${attempt}`,
    blockedBy: blocker === null ? [] : [blocker],
    lastError: reason === null ? null : reasonText(reason),
    safe: `${way ?? "wait"}: nothing is held, and it is tried again until its time is over`,
  };
}

/** The transaction that an operator has let commit for the same request, in short; null where there is none. */
function doneByHand({ transactions }: Model, reason: Reason | null): string | null {
  const holder = reason?.duplicateOf && transactions.get(reason.duplicateOf.transactionId);
  const isDone = holder && heuristicFacts(holder).some(({ decision }) => decision === "commit");
  return isDone ? shortId(holder.id) : null;
}

function waitingForVotes(model: Model, transaction: Transaction, onePhase: boolean): Part {
  const names = branchesWithoutVote(transaction).map((branch) => branch.name);
  const what = onePhase ? "the decision of" : "the vote of";
  const { coordinator } = transaction;
  const way = wayTo(model, transaction, names);
  return {
    waitsFor: `${what} ${listed(model, names, "its participants", coordinator)}`,
    needs: `${listed(model, names, "participants", coordinator)}: ${onePhase ? "decision" : "vote"}`,
    blockedBy: names.filter((name) => isAway(model, name)),
    lastError: null,
    safe:
      way === null
        ? isHolding(model)
          ? "let the messages go: nothing times out while they are held"
          : "wait: a vote that does not come in time aborts"
        : onePhase
          ? `${way}: only the participant knows whether it has committed`
          : `${way}${isHolding(model) ? ": nothing times out while messages are held" : ", or wait: it aborts after the time-out"}`,
  };
}

function coordinatorAtWork(model: Model, transaction: Transaction, what: string): Part {
  const { coordinator } = transaction;
  const away = coordinator !== null && isAway(model, coordinator);
  return {
    waitsFor: what,
    needs: `${nodeWord(model, coordinator)}: forced decision`,
    blockedBy: away && coordinator !== null ? [coordinator] : [],
    lastError: null,
    safe: away && coordinator !== null ? bringBack(model, [coordinator]) : "wait: a force takes milliseconds",
  };
}

function waitingForAcks(model: Model, transaction: Transaction): Part {
  const branches = branchesWithoutAck(transaction);
  const names = branches.map((branch) => branch.name);
  const { coordinator } = transaction;
  const leaderAway = coordinator !== null && isAway(model, coordinator) ? [coordinator] : [];
  const way = wayTo(model, transaction, [...leaderAway, ...names]);
  const troubles = [...transaction.participants.values()].map((view) => view.trouble);
  const refusal = [...branches.map((branch) => branch.refusal), ...troubles].find(
    (text) => text !== null && text !== undefined,
  );
  return {
    waitsFor: `the ack of ${listed(model, names, "its participants", coordinator)}`,
    needs: `${listed(model, names, "participants", coordinator)}: ack`,
    blockedBy: [...leaderAway, ...names.filter((name) => isAway(model, name))],
    lastError: refusal ?? null,
    safe:
      way === null
        ? "wait: the commit is logged and sent again until acked"
        : `${way}: the commit is logged and cannot be lost`,
    ...(branches.some((branch) => branch.refusal !== null)
      ? {
          unsafe: "forget: no longer wait for a participant that can never perform it",
          resolutions: ["forget"],
        }
      : {}),
  };
}

function waitingForAbort(model: Model, transaction: Transaction): Part {
  const { coordinator } = transaction;
  const names = preparedParticipants(transaction);
  const way = wayTo(model, transaction, names);
  return {
    waitsFor: `${listed(model, names, "its participants", coordinator)} to hear of the abort`,
    needs: `${listed(model, names, "participants", coordinator)}: to hear of the abort`,
    blockedBy: names.filter((name) => isAway(model, name)),
    lastError: null,
    safe:
      way === null ? "wait: a prepared participant asks by itself" : `${way}: it asks and is told to abort`,
  };
}

function inDoubt(model: Model, transaction: Transaction): Part {
  const { coordinator, coordinatorView } = transaction;
  const decided = coordinatorView?.outcome === "committed";
  const name = coordinator ?? "its coordinator";
  if (transaction.forgottenByRestart) {
    return {
      waitsFor: `${name} to answer the inquiry of ${preparedParticipants(transaction).join(" and ")}`,
      needs: `${name}: answer to the inquiry`,
      blockedBy: [],
      lastError: null,
      safe: `wait: ${name} has no record of it and will answer abort`,
    };
  }
  const peers = participantNames(transaction).filter((each) => each !== coordinator && isAway(model, each));
  const others = peers.length === 0 ? "" : `, or ${peers.join(" and ")}, if it knows the decision`;
  return {
    needs: `${nodeWord(model, coordinator)}: ${decided ? "its logged commit" : "decision"}`,
    waitsFor: `${nodeWord(model, coordinator)}, which ${decided ? "has logged commit" : "alone knows the decision"}`,
    blockedBy: coordinator === null ? [] : [coordinator],
    lastError: coordinator === null ? null : (model.nodes.get(coordinator)?.linkWhy ?? null),
    safe: `${coordinator === null ? `restart ${name}` : bringBack(model, [coordinator])}${others}: it ${decided ? "sends commit again" : "answers by its log"}`,
    unsafe: decided
      ? "commit: what the coordinator has logged; abort would contradict it"
      : "commit or abort by hand: right only by luck, since others may end otherwise",
    resolutions: decided ? ["commit"] : ["commit", "abort"],
  };
}

function waitingForComparison(model: Model, transaction: Transaction): Part {
  const { coordinator } = transaction;
  const away = coordinator !== null && isAway(model, coordinator);
  const names = openHeuristics(transaction).map((fact) => fact.node);
  const gone = names.filter((name) => isAway(model, name));
  const missing = [...(away ? [coordinator] : []), ...gone];
  return {
    waitsFor: `the coordinator's decision, to compare it with what an operator decided at ${names.join(" and ")}`,
    needs: `${nodeWord(model, coordinator)}: decision to compare`,
    blockedBy: missing,
    lastError: null,
    safe:
      missing.length === 0
        ? "wait: it is compared as soon as the decision is heard, and closed if it agrees"
        : `${bringBack(model, missing)}: the decisions are compared, and what agrees is closed`,
    unsafe: "hazard: close it though nobody knows whether it was right",
    resolutions: ["hazard"],
  };
}

function waitingForOperator(transaction: Transaction): Part {
  const mixed = openHeuristics(transaction).filter((fact) => fact.ending === "mixed");
  const names = mixed.map((fact) => fact.node).join(" and ");
  const truth = mixed[0]?.truth ?? "decided otherwise";
  return {
    waitsFor: `an operator to take note: ${names} did not do what the coordinator decided, ${truth}`,
    needs: `an operator's note: ${names} differs from ${truth}`,
    blockedBy: [],
    lastError: null,
    safe: `put right by hand what ${names} did otherwise than ${truth}; then forget takes note of it`,
    resolutions: ["forget"],
  };
}

function listed(
  model: Model,
  names: readonly NodeName[],
  none: string,
  coordinator: NodeName | null,
): string {
  return names.length === 0 ? none : names.map((name) => nodeWord(model, name, coordinator)).join(" and ");
}

/** What has to be done so that they and the coordinator reach each other; null where nothing but to wait. */
function wayTo(model: Model, { coordinator }: Transaction, names: readonly NodeName[]): string | null {
  const away = names.filter((name) => isAway(model, name));
  const cut = names.filter((name) => coordinator !== null && isCutBetween(model, coordinator, name));
  if (away.length + cut.length === 0) return null;
  const healed = cut.map((name) => `heal the link between ${coordinator} and ${name}`);
  return [...(away.length === 0 ? [] : [bringBack(model, away)]), ...healed].join(", ");
}

/** What has to be done about those that are away, all of which it takes: `restart ledger`, `let ledger go on`, `wait for ledger to start`. */
function bringBack(model: Model, names: readonly NodeName[]): string {
  const by = (verb: string, end: string, isMeant: (word: string) => boolean): readonly string[] => {
    const meant = names.filter((name) => isMeant(awayWord(model, name)));
    return meant.length === 0 ? [] : [`${verb} ${meant.join(" and ")}${end}`];
  };
  return [
    ...by("restart", "", (word) => word !== "paused" && word !== "starting"),
    ...by("let", " go on", (word) => word === "paused"),
    ...by("wait for", " to start", (word) => word === "starting"),
  ].join(", ");
}

/** A name, with its state in front of the reader where it is not up, or where its link to the coordinator is cut. */
function nodeWord(model: Model, name: NodeName | null, coordinator: NodeName | null = null): string {
  if (name === null) return "a coordinator that is not known here";
  if (isAway(model, name)) return `${name} (${awayWord(model, name)})`;
  return coordinator !== null && isCutBetween(model, coordinator, name) ? `${name} (cut off)` : name;
}
