import { printable, printableJson } from "../codec/printable.ts";
import { TpcError } from "../core/errors.ts";
import { parseTransactionId } from "../core/ids.ts";
import { ageText } from "../observe/attempts.ts";
import { explanationParts } from "../observe/explanation.ts";
import { behindText, locksText } from "../observe/locks.ts";
import type { Model, Transaction } from "../observe/model.ts";
import { type Explanation, explain, type Resolution } from "../observe/why.ts";
import type { Reason } from "../schema/reasons.ts";
import type { CoordinatorView, ParticipantView, TransactionView } from "../schema/views.ts";

import { modelOf } from "./cluster-model.ts";
import { type ClusterAccess, withClients } from "./open-client.ts";
import { type Column, textTable } from "./table.ts";
import { transactionIdArgument } from "./transaction-argument.ts";

const COLUMNS: readonly Column<TransactionView>[] = [
  { title: "TRANSACTION", align: "left", cell: (view) => view.transactionId },
  { title: "ROLE", align: "left", cell: (view) => view.role },
  { title: "PHASE", align: "left", cell: (view) => view.phase },
  { title: "OUTCOME", align: "left", cell: outcomeText },
  { title: "VOTES", align: "left", cell: votesText },
  { title: "STARTED", align: "left", cell: (view) => new Date(view.startedAtMs).toISOString() },
  {
    title: "MS",
    align: "right",
    cell: (view) => (view.endedAtMs === null ? "-" : String(view.endedAtMs - view.startedAtMs)),
  },
  { title: "WHY", align: "left", cell: (view) => reasonText(view.reason) },
];

/** Prints what the named node remembers, the newest first: an array of views with `--json`, else a table. */
export async function listTransactions(
  options: ClusterAccess & { readonly json?: boolean; readonly limit: number },
): Promise<number> {
  const views = await withClients(options, (clients) => clients.first.transactions(options.limit));
  print(options.json ? printableJson(views, 2) : textTable(COLUMNS, views, "no transactions"));
  return 0;
}

/**
 * Prints one transaction as its coordinator, its participants and the named node see it:
 * `{ "transactionId", "nodes": { NAME: [view] }, "why" }` with `--json`, where `why` says what it waits for and what can
 * safely be done, and is null for one that is finished. Rejects with TPC_BAD_INPUT when nobody knows it.
 */
export async function showTransaction(
  id: string,
  options: ClusterAccess & { readonly json?: boolean },
): Promise<number> {
  const transactionId = transactionIdArgument(id);
  const { coordinatorName } = parseTransactionId(transactionId);
  const model = await withClients(options, (clients) =>
    modelOf(clients, [coordinatorName], async (client) => [
      ...(await client.transactions(OTHERS_ASKED)),
      ...(await client.transaction(transactionId)),
    ]),
  );
  const transaction = model.transactions.get(transactionId);
  if (transaction === undefined) {
    throw new TpcError("TPC_BAD_INPUT", `no node that answered knows the transaction ${id}`);
  }
  const why = explain(model, transaction);
  const nodes = viewsByNode(transaction);
  if (options.json) print(printableJson({ transactionId, nodes, why }, 2));
  else
    print(
      [transactionId, ...whyLines(model, transaction, why), ...detailLines(nodes)].map(printable).join("\n"),
    );
  return 0;
}

/** So many of the newest are looked at for those that it stands in the way of. */
const OTHERS_ASKED = 500;

/** The views of one transaction, by the name of the node that has them. */
type ViewsByNode = Readonly<Record<string, readonly TransactionView[]>>;

function viewsByNode({ coordinator, coordinatorView, participants }: Transaction): ViewsByNode {
  const nodes: Record<string, readonly TransactionView[]> = {};
  if (coordinatorView !== null) nodes[coordinator ?? ""] = [coordinatorView];
  for (const [name, view] of participants) nodes[name] = [...(nodes[name] ?? []), view];
  return nodes;
}

/** What an unfinished transaction waits for, for how long already, and what it keeps from others meanwhile. */
function whyLines(model: Model, transaction: Transaction, why: Explanation | null): readonly string[] {
  if (why === null) return [];
  const nowMs = Date.now();
  const parts: readonly { readonly label: string; readonly text: string }[] = [
    { label: "age", text: ageText(model, transaction, nowMs) },
    ...explanationParts(why, nowMs),
    { label: "locks", text: locksText(transaction) },
    { label: "behind", text: behindText(model, transaction) },
    ...why.resolutions.map((resolution) => ({
      label: "by hand",
      text: `2pc-console resolve ${transaction.id} ${RESOLVE_WORDS[resolution]} --reason TEXT --preview`,
    })),
  ];
  return parts.filter(({ text }) => text !== "").map(({ label, text }) => `  ${label.padEnd(8)}${text}`);
}

const RESOLVE_WORDS = {
  commit: "commit",
  abort: "abort",
  forget: "forget",
  hazard: "forget --hazard",
} as const satisfies Record<Resolution, string>;

function detailLines(nodes: ViewsByNode): readonly string[] {
  const lines: string[] = [];
  for (const [name, views] of Object.entries(nodes)) {
    for (const view of views) {
      lines.push("", `${name} as ${view.role}: ${view.phase}, ${outcomeText(view)}`);
      lines.push(...(view.role === "coordinator" ? coordinatorLines(view) : participantLines(view)));
      const { recordsAppended, recordsForced, messagesSent } = view.counts;
      lines.push(`  ${recordsAppended} records, ${recordsForced} forced, ${messagesSent} messages`);
    }
  }
  return lines;
}

function coordinatorLines(view: CoordinatorView): string[] {
  const lines = [`  request ${view.requestId}, attempt ${view.attempt}`];
  for (const branch of view.branches) {
    const parts = [`  ${branch.name}: vote ${branch.vote ?? "none"}`];
    if (branch.acked) parts.push("acked");
    if (branch.refusal !== null) parts.push(`refused: ${branch.refusal}`);
    if (branch.reason !== null) parts.push(reasonText(branch.reason));
    lines.push(parts.join(", "));
  }
  if (view.reason !== null) lines.push(`  because ${reasonText(view.reason)}`);
  for (const operation of view.operations ?? []) lines.push(`  ${JSON.stringify(operation)}`);
  return lines;
}

function participantLines(view: ParticipantView): string[] {
  const lines = [`  coordinator ${view.coordinator ?? "unknown"}, vote ${view.vote ?? "none"}`];
  if (view.reason !== null) lines.push(`  because ${reasonText(view.reason)}`);
  if (view.trouble !== null) lines.push(`  trouble: ${view.trouble}`);
  for (const [who, answer] of Object.entries(view.answers)) lines.push(`  asked: ${who} says ${answer}`);
  if (view.heuristic !== null) {
    const { decision, ending, by, reason, atMs } = view.heuristic;
    const when = new Date(atMs).toISOString();
    lines.push(`  heuristic ${decision} (${ending}) by ${by} at ${when}: ${reason}`);
  }
  for (const { key, add } of view.redo) lines.push(`  redo ${key} ${JSON.stringify(add)}`);
  return lines;
}

function outcomeText(view: TransactionView): string {
  if (view.role === "coordinator") return view.outcome ?? "undecided";
  return view.phase === "committed" || view.phase === "aborted" ? view.phase : "-";
}

function votesText(view: TransactionView): string {
  if (view.role === "participant") return view.vote ?? "-";
  return view.branches.map((branch) => `${branch.name} ${branch.vote ?? "-"}`).join(", ");
}

function reasonText(reason: Reason | null): string {
  return reason === null ? "" : `${reason.participant ?? "coordinator"} ${reason.code}: ${reason.message}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
