import type { RequestId } from "../schema/ids.ts";
import { isOlderThanTold } from "./beginning.ts";
import { age } from "./figures.ts";
import type { Model, Retry, Transaction } from "./model.ts";
import { isAway } from "./node-status.ts";

/** How much later than promised the next attempt may be heard of before it counts as given up. */
const GRACE_MS = 1_000;

/** The attempt that follows this one, while its request waits for it; null where none is to come. */
export function attemptToCome(
  model: Model,
  { coordinatorView: view, coordinator }: Transaction,
): Retry | null {
  if (view === null || view.phase !== "forgotten" || view.outcome === "committed") return null;
  const retry = announced(model, view.requestId);
  return retry !== null && retry.node === coordinator && retry.attempt === view.attempt + 1 ? retry : null;
}

/** The attempt of a request that was announced and has not ended; null where its node has forgotten it or given it up. */
export function announced(model: Model, requestId: RequestId): Retry | null {
  const retry = model.retries.get(requestId);
  if (retry === undefined || isAway(model, retry.node)) return null;
  if (model.nodes.get(retry.node)?.epoch !== retry.epoch) return null;
  return retry.announcedAtMs + retry.delayMs + GRACE_MS < model.latestMs ? null : retry;
}

/** All attempts of the transaction's request, the first one first; itself alone where the request is not known. */
export function attemptsOf(model: Model, transaction: Transaction): readonly Transaction[] {
  const key = requestKey(transaction);
  return key === null ? [transaction] : (groups(model).get(key) ?? [transaction]);
}

/** Whether a later attempt of the same request has begun. */
export function isSuperseded(model: Model, transaction: Transaction): boolean {
  const last = attemptsOf(model, transaction).at(-1);
  return last !== undefined && last.id !== transaction.id;
}

/** When the request was first tried, as far as is known. */
export function firstTriedAtMs(model: Model, transaction: Transaction): number {
  return attemptsOf(model, transaction).reduce(
    (first, each) => Math.min(first, each.startedAtMs),
    transaction.startedAtMs,
  );
}

/** How long it is already, as `12s`; `>12s` where it was there before its nodes began anew. */
export function ageText(model: Model, transaction: Transaction, nowMs: number): string {
  const first = attemptsOf(model, transaction)[0] ?? transaction;
  const text = age(nowMs - firstTriedAtMs(model, transaction));
  return isOlderThanTold(model, first) ? `>${text}` : text;
}

const known = new WeakMap<Model["transactions"], ReadonlyMap<string, readonly Transaction[]>>();

function groups({ transactions }: Model): ReadonlyMap<string, readonly Transaction[]> {
  const before = known.get(transactions);
  if (before !== undefined) return before;
  const found = new Map<string, Transaction[]>();
  for (const transaction of transactions.values()) {
    const key = requestKey(transaction);
    if (key === null) continue;
    const group = found.get(key);
    if (group === undefined) found.set(key, [transaction]);
    else group.push(transaction);
  }
  for (const group of found.values()) if (group.length > 1) group.sort((a, b) => numberOf(a) - numberOf(b));
  known.set(transactions, found);
  return found;
}

const keys = new WeakMap<Transaction, string>();

/** Each coordinator counts the attempts of a request by itself. */
function requestKey(transaction: Transaction): string | null {
  const { coordinator, coordinatorView: view } = transaction;
  if (view === null) return null;
  const key = keys.get(transaction) ?? `${coordinator ?? ""} ${view.requestId}`;
  keys.set(transaction, key);
  return key;
}

function numberOf({ coordinatorView }: Transaction): number {
  return coordinatorView?.attempt ?? 0;
}
