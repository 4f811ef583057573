import { costTable, isAsPromised } from "../../observe/cost.ts";
import { duration, timeOfDayMs } from "../../observe/figures.ts";
import { endingText, heuristicFacts, verdictText } from "../../observe/heuristic.ts";
import type { Transaction } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import {
  operationText,
  participantNames,
  tookMs,
  VOTE_LETTERS,
  voteLetter,
  workSummary,
} from "../../observe/transaction.ts";
import { explain, reasonText, whyLine } from "../../observe/why.ts";
import type { Counts } from "../../schema/views.ts";
import { fitText, type Row, span, type Tone, wrapText } from "../row.ts";
import type { View } from "../view.ts";
import { entryRow } from "./log-pane.ts";
import { statusSpan, voteSpan } from "./transactions-pane.ts";

/** State, request, times, and why it is where it is. */
export function summaryRows(view: View, transaction: Transaction, width: number): readonly Row[] {
  const { model } = view;
  const leader = transaction.coordinatorView;
  const took = tookMs(transaction);
  const rows: Row[] = [
    [
      statusSpan(model, transaction),
      span(`   led by ${transaction.coordinator ?? "an unknown coordinator"}`),
      span(leader === null || leader.attempt <= 1 ? "" : `   attempt ${leader.attempt}`),
      span(took === null ? "" : `   took ${duration(took)}`),
      span(`   began ${timeOfDayMs(transaction.startedAtMs)}`, "dim"),
    ],
    [span("work     ", "dim"), span(workSummary(transaction))],
  ];
  const explanation = explain(model, transaction);
  const words = explanation === null ? endedWhy(view, transaction) : `waits for ${explanation.waitsFor}`;
  if (words !== "") rows.push(...labelled("why", words, "warn", width));
  if (explanation === null) return rows;
  if (explanation.lastError !== null) {
    rows.push([span("error    ", "dim"), span(explanation.lastError, "bad")]);
  }
  rows.push(...labelled("safe", explanation.safe, "good", width));
  if (explanation.unsafe !== null) rows.push(...labelled("unsafe", explanation.unsafe, "bad", width));
  return rows;
}

function labelled(label: string, text: string, tone: Tone, width: number): readonly Row[] {
  return wrapText(text, width - 9).map(
    (line, index): Row => [span((index === 0 ? label : "").padEnd(9), "dim"), span(line, tone)],
  );
}

/** Why it ended as it did, and whether trying again could help. */
function endedWhy(view: View, transaction: Transaction): string {
  const why = whyLine(view.model, transaction);
  const reason = transaction.coordinatorView?.reason ?? null;
  if (why === "" || reason === null) return why;
  return `${why} (${reason.retryable ? "transient: tried again" : "invalid: not tried again"})`;
}

/** One row a participant: vote, phase, ack, reason. */
export function votesRows(view: View, transaction: Transaction, width: number): readonly Row[] {
  const names = participantNames(transaction);
  if (names.length === 0) return [[span("no participant is known yet", "dim")]];
  const nameWidth = Math.max(...names.map((name) => name.length));
  return names.flatMap((name): Row[] => {
    const own = transaction.participants.get(name);
    const branch = transaction.coordinatorView?.branches.find((each) => each.name === name);
    const letter = voteLetter(view.model, transaction, name);
    const phase = own === undefined ? "" : `, ${own.phase} there`;
    const row: Row = [
      voteSpan(view, transaction, name),
      span(`  ${fitText(name, nameWidth)}  `),
      span(VOTE_LETTERS[letter]),
      span(phase, "dim"),
    ];
    const reason = branch?.reason ?? own?.reason ?? null;
    const trouble = own?.trouble ?? branch?.refusal ?? null;
    const byHand = heuristicFacts(transaction).find((fact) => fact.node === name);
    const extra = [
      reason === null ? null : reasonText(reason),
      byHand === undefined ? trouble : `${verdictText(byHand)}; ${endingText(byHand)}`,
    ].filter((text) => text !== null);
    return [
      row,
      ...extra.flatMap((text) => wrapText(text, width - 3)).map((line): Row => [span(`   ${line}`, "warn")]),
    ];
  });
}

/** Operations, then the redo deltas each participant keeps. */
export function workRows(transaction: Transaction, width: number): readonly Row[] {
  const view = transaction.coordinatorView;
  const rows: Row[] = [];
  for (const operation of view?.operations ?? []) {
    rows.push([span(`${operation.participant}  `, "accent"), span(operationText(operation))]);
  }
  if (view !== null && view.operations === null)
    rows.push([span("the operations are no longer kept", "dim")]);
  for (const [name, own] of transaction.participants) {
    for (const { key, add } of own.redo) {
      const changes = Object.entries(add).map(([field, amount]) => `${field} ${signed(amount)}`);
      rows.push([span("redo  ", "dim"), span(`${name}  `, "accent"), span(key)]);
      rows.push(...wrapText(changes.join(" "), width - 6).map((line): Row => [span(`      ${line}`, "dim")]));
    }
  }
  for (const result of view?.results ?? []) {
    const text = Object.entries(result).map(([key, value]) => `${key} ${value}`);
    rows.push([span("read  ", "dim"), span(text.join("  "))]);
  }
  if (view !== null) rows.push([span("request  ", "dim"), span(view.requestId)]);
  rows.push([span("id       ", "dim"), span(transaction.id)]);
  return rows;
}

function signed(amount: string): string {
  return amount.startsWith("-") ? amount : `+${amount}`;
}

/** Records, forced records and messages of each node, beside the published figures. */
export function costRows(transaction: Transaction): readonly Row[] {
  const table = costTable(transaction);
  const width = Math.max(11, ...table.map((cost) => (cost.node ?? "").length));
  const head = span(`${fitText("", width)}  ${fitText("ROLE", 9)}  RECS  FORCED  MSGS`, "dim");
  const rows = table.map((cost): Row => {
    const exact = isAsPromised(cost);
    const verdict =
      exact === null
        ? span("")
        : exact
          ? span("  as promised", "good")
          : span(`  promised ${inWords(cost.promised)}`, "warn");
    return [
      span(`${fitText(cost.node ?? "", width)}  `, "accent"),
      span(`${fitText(cost.role, 9)}  `, "dim"),
      span(figures(cost.measured)),
      verdict,
    ];
  });
  return [[head], ...rows];
}

function figures(counts: Counts | null): string {
  const cell = (value: number | undefined, width: number): string =>
    fitText(String(value ?? "-"), width, "right");
  return `${cell(counts?.recordsAppended, 4)}  ${cell(counts?.recordsForced, 6)}  ${cell(counts?.messagesSent, 4)}`;
}

function inWords(counts: Counts | null): string {
  return counts === null ? "" : `${counts.recordsAppended}/${counts.recordsForced}/${counts.messagesSent}`;
}

/** Its lines of the log. */
export function transactionLogRows(view: View, transaction: Transaction): readonly Row[] {
  const named = hasManyCoordinators(view.model);
  const entries = view.model.log.filter(
    (entry) => entry.type === "event" && entry.event.transactionId === transaction.id,
  );
  if (entries.length === 0) return [[span("its events are no longer kept", "dim")]];
  return entries.map((entry) => entryRow(entry, named));
}

/** `Transaction 4.17`. */
export function detailTitle(view: View, transaction: Transaction): string {
  return `Transaction ${shortId(transaction.id, hasManyCoordinators(view.model))}`;
}
