import type { EventBody, NodeEvent } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import type { Knowledge, Known, Mind } from "./knowledge.ts";

/** A step that the protocol does not allow. */
export interface Breach {
  /** What was done, and what is known that stands against it. */
  readonly found: string;
  /** What would have been allowed. */
  readonly allowed: string;
}

/** Null: the rule says nothing about this step. */
export type Verdict = "allowed" | "not-judged" | Breach | null;

/** One event with what was known when it happened. */
export interface Step {
  readonly knowledge: Knowledge;
  readonly mind: Mind;
  readonly event: NodeEvent;
}

/** One rule of the protocol. */
export interface Rule {
  /** In words; it names the rule in reports. */
  readonly name: string;
  /** Which of the published rules it belongs to: a row of the presumed abort table, or the paragraph of its place. */
  readonly from: string;
  /** The events that it can say something about. */
  readonly on: readonly EventBody["type"][];
  readonly check: (step: Step) => Verdict;
}

/** Allowed only if it is known to be so; a breach only if it is known not to be. */
export function must(known: Known, found: string, allowed: string): Verdict {
  if (known === "yes") return "allowed";
  return known === "maybe" ? "not-judged" : { found, allowed };
}

/** Allowed only if it is known not to be so. */
export function mustNot(known: Known, found: string, allowed: string): Verdict {
  if (known === "no") return "allowed";
  return known === "maybe" ? "not-judged" : { found, allowed };
}

/** The first breach; else not judged if one of them is not. */
export function all(...verdicts: readonly Verdict[]): Verdict {
  const breach = verdicts.find((verdict) => verdict !== null && typeof verdict === "object");
  if (breach) return breach;
  if (verdicts.includes("not-judged")) return "not-judged";
  return verdicts.includes("allowed") ? "allowed" : null;
}

type Sent = Extract<EventBody, { type: "message-sent" }>;
type Received = Extract<EventBody, { type: "message-received" }>;
type Appended = Extract<EventBody, { type: "record-appended" }>;

/** The transaction and the words of a message that this step sends; null where it sends none of these types. */
export function sending(
  { event }: Step,
  ...types: readonly string[]
): { readonly id: TransactionId; readonly body: Sent } | null {
  const { body, transactionId: id } = event;
  return body.type === "message-sent" && id !== null && types.includes(body.message) ? { id, body } : null;
}

export function receiving(
  { event }: Step,
  ...types: readonly string[]
): { readonly id: TransactionId; readonly body: Received } | null {
  const { body, transactionId: id } = event;
  return body.type === "message-received" && id !== null && types.includes(body.message)
    ? { id, body }
    : null;
}

/** The transaction and the record that this step appends. */
export function appending(
  { event }: Step,
  ...types: readonly string[]
): { readonly id: TransactionId; readonly body: Appended } | null {
  const { body, transactionId: id } = event;
  return body.type === "record-appended" && id !== null && types.includes(body.record) ? { id, body } : null;
}

export function namesOf(names: Iterable<NodeName>): string {
  return [...names].join(", ") || "nobody";
}
