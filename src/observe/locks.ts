import type { NodeName, RequestId } from "../schema/ids.ts";
import { grouped, money } from "../schema/money.ts";
import type { Delta } from "../schema/operations.ts";
import { announced, isSuperseded } from "./attempts.ts";
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
  readonly key: string;
  /** The attempt that comes next, or is under way; of a refusal the one that was refused. */
  readonly attempt: number;
}

/** Requests that were refused for what this transaction holds, and are being tried again. */
export function waitingBehind(model: Model, transaction: Transaction): readonly Waiting[] {
  return refusals(model, transaction).flatMap(({ requestId, key, attempt }) => {
    const retry = announced(model, requestId);
    return retry?.attempt === attempt + 1 ? [{ requestId, key, attempt: retry.attempt }] : [];
  });
}

/** Requests whose last attempt was refused for what this transaction holds, each with that attempt. */
function refusals(model: Model, transaction: Transaction): readonly Waiting[] {
  const locks = heldLocks(transaction);
  if (locks.length === 0) return [];
  const refused = new Map<RequestId, Waiting>();
  for (const other of model.transactions.values()) {
    const view = other.coordinatorView;
    const reason = view?.reason ?? null;
    if (view === null || reason === null || other === transaction || isSuperseded(model, other)) continue;
    if (reason.code !== "stock-reserved" && reason.code !== "funds-reserved") continue;
    const refusing = locks.filter(({ node }) => node === reason.participant);
    const lock = refusing.find(({ key }) => isAbout(other, reason.message, key));
    const { requestId, attempt } = view;
    if (lock !== undefined) refused.set(requestId, { requestId, key: lock.key, attempt });
  }
  return [...refused.values()];
}

/** Who was refused, in one line, for somebody who hears of no attempts to come; empty where nobody was. */
export function refusedText(model: Model, transaction: Transaction): string {
  const refused = refusals(model, transaction);
  return refused.length === 0 ? "" : `refused for these locks: ${listText(refused)}`;
}

/** Who waits behind it in one line, the first ones by name; empty where the transaction keeps nothing from anybody. */
export function behindText(model: Model, transaction: Transaction): string {
  if (heldLocks(transaction).length === 0) return "";
  const waiting = waitingBehind(model, transaction);
  if (waiting.length === 0) return "nobody that is known here";
  return listText(waiting);
}

function listText(waiting: readonly Waiting[]): string {
  const shown = waiting
    .slice(0, WAITING_SHOWN_MAX)
    .map((each) => `${each.requestId} for ${each.key} (attempt ${each.attempt})`);
  const more = waiting.length - shown.length;
  return `${counted(waiting.length, "request")}: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const WAITING_SHOWN_MAX = 4;

function isAbout(transaction: Transaction, message: string, key: string): boolean {
  const operations = transaction.coordinatorView?.operations ?? [];
  return (
    operations.some((operation) => Object.values(operation).includes(key)) ||
    message.split(/[\s,]+/).includes(key)
  );
}
