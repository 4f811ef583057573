import { parseTransactionId } from "../../core/ids.ts";
import { attemptsOf, firstTriedAtMs, isSuperseded } from "../../observe/attempts.ts";
import type { Model, Transaction } from "../../observe/model.ts";
import { shortId } from "../../observe/short-id.ts";
import { isFinished, tookMs, transactionStatus, workSummary } from "../../observe/transaction.ts";
import { factsOfTransaction } from "../facts.ts";
import { parseFilter, passes } from "../filter.ts";
import { type Keys, sorted } from "../sort.ts";
import type { View } from "../view.ts";

/** After this time unfinished, a transaction is moved to the top of the list. */
export const STUCK_MS = 3_000;

/** A frame asks for its list several times. */
const lists = new WeakMap<View, readonly Transaction[]>();

/** Stuck ones first, then the newest, unless sorted otherwise; those that the filter leaves. */
export function listTransactions(view: View): readonly Transaction[] {
  const known = lists.get(view) ?? makeList(view);
  lists.set(view, known);
  return known;
}

function makeList(view: View): readonly Transaction[] {
  const { model, ui, nowMs } = view;
  const filter = parseFilter(ui.screen === "log" || ui.screen === "participants" ? "" : ui.filter);
  const stuck: Transaction[] = [];
  const others: Transaction[] = [];
  for (const transaction of model.transactions.values()) {
    if (filter.terms.length > 0 && !passes(filter, factsOfTransaction(model, transaction))) continue;
    const finished = isFinished(transactionStatus(model, transaction));
    // A request has one row: its newest attempt, and what an earlier one has left unfinished.
    if (finished && isSuperseded(model, transaction)) continue;
    if (!finished && nowMs - firstTriedAtMs(model, transaction) > STUCK_MS) stuck.push(transaction);
    else others.push(transaction);
  }
  return sorted([...stuck, ...others.reverse().sort(newestFirst)], ui.sorts.transactions, keysOf(view));
}

/** What a restart brought back began at one moment, for all that is known: there the ids tell. */
function newestFirst(a: Transaction, b: Transaction): number {
  if (a.startedAtMs !== b.startedAtMs) return b.startedAtMs - a.startedAtMs;
  const [one, other] = [parseTransactionId(a.id), parseTransactionId(b.id)];
  if (one.coordinatorId !== other.coordinatorId) return 0;
  return other.epoch - one.epoch || other.counter - one.counter;
}

/** Only those that are not finished, unless sorted otherwise first what an operator can settle, then the oldest. */
export function listUnfinished(view: View): readonly Transaction[] {
  const rank = (each: Transaction): number => (needsOperator(view.model, each) ? 0 : 1);
  const unfinished = listTransactions(view).filter(
    (each) => !isFinished(transactionStatus(view.model, each)),
  );
  if (view.ui.sorts.transactions !== null) return unfinished;
  return unfinished.toSorted((a, b) => rank(a) - rank(b) || a.startedAtMs - b.startedAtMs);
}

function needsOperator(model: Model, transaction: Transaction): boolean {
  const status = transactionStatus(model, transaction);
  return status === "in-doubt" || status === "heuristic" || status === "mixed";
}

/** The transaction under the cursor: the chosen one while it is listed, else the first. */
export function selectedOf(view: View, list: readonly Transaction[]): Transaction | null {
  const { selectedTransaction: id } = view.ui;
  const chosen = list.find((each) => each.id === id);
  if (chosen !== undefined || id === null) return chosen ?? list[0] ?? null;
  // The cursor stays with a request when its next attempt takes the row.
  const before = view.model.transactions.get(id);
  const last = before === undefined ? undefined : attemptsOf(view.model, before).at(-1);
  return list.find((each) => each === last) ?? list[0] ?? null;
}

/** What the columns of a list of transactions are compared by. */
function keysOf({ model }: View): Keys<Transaction> {
  const keys: Record<(typeof TRANSACTION_COLUMNS)[number], Keys<Transaction>[string]> = {
    AGE: (each) => -firstTriedAtMs(model, each),
    STATE: (each) => transactionStatus(model, each),
    TOOK: (each) => -(tookMs(each) ?? Number.POSITIVE_INFINITY),
    TX: (each) => shortId(each.id, true),
    WORK: workSummary,
  };
  return keys;
}

export const TRANSACTION_COLUMNS = ["AGE", "STATE", "TOOK", "TX", "WORK"] as const;
