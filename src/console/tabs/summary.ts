import { attemptsOf, firstTriedAtMs } from "../../observe/attempts.ts";
import { isOlderThanTold } from "../../observe/beginning.ts";
import { type ExplanationPart, explanationParts } from "../../observe/explanation.ts";
import { duration, timeOfDay, timeOfDayMs } from "../../observe/figures.ts";
import type { Transaction } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import { tookMs, workSummary } from "../../observe/transaction.ts";
import { explain, whyLine } from "../../observe/why.ts";
import { statusSpan } from "../panes/transactions-pane.ts";
import { type Row, span, type Tone, wrapText } from "../row.ts";
import type { View } from "../view.ts";
import { safeWay, unsafeWay } from "../ways.ts";

/** `Transaction 4.17`. */
export function detailTitle(view: View, transaction: Transaction): string {
  return `Transaction ${shortId(transaction.id, hasManyCoordinators(view.model))}`;
}

/** State, request, times, and why it is where it is; at most `heightMax` rows, the most important first. */
export function summaryRows(
  view: View,
  transaction: Transaction,
  width: number,
  heightMax: number,
): readonly Row[] {
  const facts = factsOf(view, transaction).filter(([, text]) => text !== "");
  const rows = [stateRow(view, transaction)];
  for (const [label, text, tone] of facts) rows.push(...labelled(label, text, tone, width));
  if (rows.length <= heightMax) return rows;
  // Where there is no room to wrap, each fact has one row.
  const short = facts.map(([label, text, tone, brief = text]): Row => [labelSpan(label), span(brief, tone)]);
  return [stateRow(view, transaction), ...short].slice(0, heightMax);
}

const TONES: Readonly<Record<ExplanationPart["label"], Tone>> = {
  why: "warn",
  safe: "good",
  unsafe: "bad",
  error: "bad",
  tries: "plain",
  blocker: "bad",
};

type Fact = readonly [label: string, text: string, tone: Tone, brief?: string];

function factsOf(view: View, transaction: Transaction): readonly Fact[] {
  const { model } = view;
  const explanation = explain(model, transaction);
  const attempts: Fact = ["attempts", attemptsText(view, transaction), "plain"];
  const work: Fact = ["work", workSummary(transaction), "plain"];
  if (explanation === null) return [["why", endedWhy(view, transaction), "warn"], attempts, work];
  const parts = explanationParts(explanation, view.nowMs);
  const worded = (label: ExplanationPart["label"], text: string): string => {
    if (label === "safe") return safeWay(view, explanation);
    if (label === "unsafe") return unsafeWay(view, explanation);
    // What is asked or sent by itself goes on after the client has given up.
    const isAttempt = label === "tries" && explanation.tries?.what === "attempt";
    return isAttempt ? `${text}${untilText(view, transaction)}` : text;
  };
  return [
    ...parts.map(({ label, text }): Fact => {
      const fact = [label, worded(label, text), TONES[label]] as const;
      return label === "why" ? [...fact, `needs ${explanation.needs}`] : fact;
    }),
    attempts,
    work,
  ];
}

/** When a request that was sent from here is given up; nobody else's time is known. */
function untilText({ ui }: View, { coordinatorView: leader }: Transaction): string {
  const order = ui.waiting.find(({ requestId }) => requestId === leader?.requestId);
  return order === undefined ? "" : `, given up at ${timeOfDay(order.untilMs)}`;
}

function stateRow(view: View, transaction: Transaction): Row {
  const leader = transaction.coordinatorView;
  const took = tookMs(transaction);
  const isOlder = isOlderThanTold(view.model, transaction);
  return [
    statusSpan(view.model, transaction),
    span(`   led by ${transaction.coordinator ?? "an unknown coordinator"}`),
    span(leader === null || leader.attempt <= 1 ? "" : `   attempt ${leader.attempt}`),
    span(took === null ? "" : `   took ${duration(took)}`),
    span(`   began ${isOlder ? "before " : ""}${timeOfDayMs(transaction.startedAtMs)}`, "dim"),
  ];
}

/** How often its request was tried, and since when; the votes tab lists the attempts. */
function attemptsText(view: View, transaction: Transaction): string {
  const { length } = attemptsOf(view.model, transaction);
  if (length <= 1) return "";
  return `${length} of its request, since ${timeOfDay(firstTriedAtMs(view.model, transaction))}; Votes lists them`;
}

function labelSpan(label: string) {
  return span(label.padEnd(9), "dim");
}

function labelled(label: string, text: string, tone: Tone, width: number): readonly Row[] {
  return wrapText(text, width - 9).map(
    (line, index): Row => [labelSpan(index === 0 ? label : ""), span(line, tone)],
  );
}

/** Why it ended as it did, and whether trying again could help. */
function endedWhy(view: View, transaction: Transaction): string {
  const why = whyLine(view.model, transaction);
  const reason = transaction.coordinatorView?.reason ?? null;
  if (why === "" || reason === null) return why;
  return `${why} (${reason.retryable ? "transient: tried again" : "invalid: not tried again"})`;
}
