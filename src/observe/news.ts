import { invariants } from "./invariants.ts";
import type { Model, Transaction } from "./model.ts";
import { hasManyCoordinators, nodeStatus, sortedNodes } from "./node-status.ts";
import { shortId } from "./short-id.ts";
import { type TransactionStatus, transactionStatus, workSummary } from "./transaction.ts";
import { whyLine } from "./why.ts";

/** So many transactions are told one by one; more at once are counted. */
const SINGLE_MAX = 4;

/** States that are passed through in moments; a reader is told what a transaction comes to. */
const PASSING: ReadonlySet<TransactionStatus> = new Set([
  "preparing",
  "one-phase",
  "deciding",
  "committing",
  "aborting",
]);

/** What has changed its state between two models, one sentence a change; nothing for what only counts on. */
export function newsBetween(before: Model, after: Model): readonly string[] {
  return [...nodeNews(before, after), ...transactionNews(before, after), ...invariantNews(before, after)];
}

function nodeNews(before: Model, after: Model): readonly string[] {
  return sortedNodes(after).flatMap((node) => {
    const known = before.nodes.get(node.name);
    const status = nodeStatus(node);
    if (known !== undefined && nodeStatus(known) === status) return [];
    const why = status === "unheard" ? `, ${node.linkWhy ?? "connection lost"}` : "";
    return [`${node.name} is ${status === "unheard" ? "not heard" : status}${why}`];
  });
}

function transactionNews(before: Model, after: Model): readonly string[] {
  if (before.transactions === after.transactions && before.nodes === after.nodes) return [];
  const named = hasManyCoordinators(after);
  const changed: { readonly transaction: Transaction; readonly status: TransactionStatus }[] = [];
  for (const transaction of after.transactions.values()) {
    const known = before.transactions.get(transaction.id);
    const status = transactionStatus(after, transaction);
    if (PASSING.has(status)) continue;
    if (known !== undefined && transactionStatus(before, known) === status) continue;
    changed.push({ transaction, status });
  }
  if (changed.length > SINGLE_MAX) return [countedNews(changed.map(({ status }) => status))];
  return changed.map(({ transaction, status }) => {
    const text = status === "committed" ? workSummary(transaction) : whyLine(after, transaction);
    return `${shortId(transaction.id, named)} ${status}${text === "" ? "" : `: ${text}`}`;
  });
}

/** `12 committed, 1 aborted`. */
function countedNews(states: readonly TransactionStatus[]): string {
  const counts = new Map<TransactionStatus, number>();
  for (const status of states) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

function invariantNews(before: Model, after: Model): readonly string[] {
  const broken = (model: Model): readonly string[] =>
    invariants(model).flatMap(({ name, holds, text }) => (holds ? [] : [`${name}: ${text}`]));
  const known = broken(before);
  const now = broken(after);
  if (now.length === 0 && known.length > 0) return ["all invariants hold again"];
  return now.filter((text) => !known.includes(text)).map((text) => `invariant broken, ${text}`);
}
