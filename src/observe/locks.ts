import type { NodeName, RequestId } from "../schema/ids.ts";
import { grouped, money } from "../schema/money.ts";
import type { Delta } from "../schema/operations.ts";
import { announced } from "./attempts.ts";
import { counted } from "./figures.ts";
import type { Model, Transaction } from "./model.ts";

/** What a prepared participant keeps from everybody else until it hears the decision. */
export interface Lock {
  readonly node: NodeName;
  readonly key: string;
  /** `2 of LAMP-01 reserved`. */
  readonly text: string;
}

/** Read from the redo that each prepared participant keeps. */
export function heldLocks(transaction: Transaction): readonly Lock[] {
  return [...transaction.participants].flatMap(([node, view]) =>
    view.phase === "prepared" || view.phase === "performing"
      ? view.redo.map((delta) => ({ node, key: delta.key, text: lockText(delta) }))
      : [],
  );
}

/** All that it keeps, in one line; empty where that is nothing. */
export function locksText(transaction: Transaction): string {
  return heldLocks(transaction)
    .map(({ node, text }) => `${text} (${node})`)
    .join("; ");
}

/** A redo takes away what preparing has put aside. */
function lockText({ key, add }: Delta): string {
  const aside = (field: string): bigint => -BigInt(add[field] ?? "0");
  const goods = [
    [aside("reserved"), "reserved"],
    [aside("incoming"), "coming in"],
  ] as const;
  const amounts = [
    [aside("debitsPending"), "debit pending"],
    [aside("creditsPending"), "credit pending"],
  ] as const;
  const parts = [
    ...goods.filter(([count]) => count > 0n).map(([count, word]) => `${grouped(String(count))} ${word}`),
    ...amounts.filter(([amount]) => amount > 0n).map(([amount, word]) => `${money(String(amount))} ${word}`),
  ];
  return parts.length === 0 ? key : `${key} ${parts.join(", ")}`;
}

/** A request that cannot go on until a lock is released. */
export interface Waiting {
  readonly requestId: RequestId;
  /** The node that tries it again. */
  readonly coordinator: NodeName;
  /** Who refused it, and for which row. */
  readonly participant: NodeName | null;
  readonly key: string;
  /** The number of the attempt to come, and the latest moment of it. */
  readonly attempt: number;
  readonly nextByMs: number;
}

/** Requests that a participant has refused for what this transaction holds, and that their coordinators try again. */
export function waitingBehind(model: Model, { id }: Transaction): readonly Waiting[] {
  const found: Waiting[] = [];
  for (const [requestId, { reason }] of model.retries) {
    if (!reason?.heldBy?.transactionIds.includes(id)) continue;
    const retry = announced(model, requestId);
    if (retry === null) continue;
    const { node, attempt, announcedAtMs, delayMs } = retry;
    const { participant, heldBy } = reason;
    const nextByMs = announcedAtMs + delayMs;
    found.push({ requestId, coordinator: node, participant, key: heldBy.key, attempt, nextByMs });
  }
  return found;
}

/** Who waits behind it in one line, the first ones by name; empty where the transaction keeps nothing from anybody. */
export function behindText(model: Model, transaction: Transaction): string {
  if (heldLocks(transaction).length === 0) return "";
  const waiting = waitingBehind(model, transaction);
  if (waiting.length === 0) return "nobody that is known here";
  const shown = waiting
    .slice(0, WAITING_SHOWN_MAX)
    .map((each) => `${each.requestId} for ${each.key} (attempt ${each.attempt})`);
  const more = waiting.length - shown.length;
  return `${counted(waiting.length, "request")}: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const WAITING_SHOWN_MAX = 4;
