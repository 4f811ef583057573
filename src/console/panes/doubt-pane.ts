import { ageText } from "../../observe/attempts.ts";
import { openHeuristics } from "../../observe/heuristic.ts";
import { coordinatorLogged, participantWords } from "../../observe/in-doubt.ts";
import { behindText, locksText } from "../../observe/locks.ts";
import type { Model, Transaction } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import { transactionStatus, unfinishedTransactions, workSummary } from "../../observe/transaction.ts";
import { triesText } from "../../observe/tries.ts";
import { explain, whyLine } from "../../observe/why.ts";
import { fitText, type Row, selectedRow, span, type Tone, titleRow, wrapText } from "../row.ts";
import type { View } from "../view.ts";
import { waitingText } from "../waiting-orders.ts";
import { safeWay, unsafeWay } from "../ways.ts";
import { listUnfinished, selectedOf } from "./transaction-list.ts";
import { statusSpan } from "./transactions-pane.ts";

/** What is not finished, the oldest first, each with what it waits for and what can be done. */
export function doubtPane(view: View, width: number, height: number): readonly Row[] {
  const list = listUnfinished(view);
  const inDoubt = list.filter((each) => transactionStatus(view.model, each) === "in-doubt").length;
  const byHand = list.filter((each) => openHeuristics(each).length > 0).length;
  const waiting = waitingText(view);
  const counts = [
    `${inDoubt} in doubt`,
    ...(byHand > 0 ? [`${byHand} heuristic`] : []),
    `${list.length} unfinished`,
    ...(waiting === "" ? [] : [waiting]),
  ];
  const title = (note: string): Row =>
    titleRow(width < NARROW ? "In doubt" : "In doubt and unfinished", width, { focused: true, note });
  if (list.length === 0 && waiting !== "") return [title(""), [span(`  ${waiting}`, "warn")]];
  if (list.length === 0) {
    const isHidden = unfinishedTransactions(view.model).length > 0;
    const text = isHidden
      ? "nothing that is unfinished matches; Esc clears the filter"
      : "nothing is in doubt: every transaction has ended at every participant";
    const tone = isHidden ? "warn" : "good";
    return [title(""), ...wrapText(text, width - 2).map((line): Row => [span(`  ${line}`, tone)])];
  }
  const chosen = selectedOf(view, list);
  const room = height - 1;
  const full = list
    .slice(0, room)
    .map((transaction) =>
      block(view, transaction, { width, height: room, isChosen: transaction === chosen }),
    );
  const isFitting = list.length <= room && full.flat().length <= room;
  const blocks = isFitting
    ? full
    : list.map((each) =>
        each === chosen
          ? block(view, each, { width, height: room, isChosen: true })
          : shortBlock(view, each, width),
      );
  const at = Math.max(0, chosen === null ? 0 : list.indexOf(chosen));
  // Below the last block no row is needed.
  const isWhole = list.length === 1 || blocks.flat().length - 1 <= room;
  const place = isWhole ? [] : [`${at + 1} of ${list.length}`];
  return [title([...place, ...counts].join(", ")), ...scrolled(blocks, at, room)];
}

/** Whole blocks, beginning so that the chosen one is seen. */
function scrolled(blocks: readonly (readonly Row[])[], chosen: number, height: number): readonly Row[] {
  let from = 0;
  const heightUpTo = (start: number): number =>
    blocks.slice(start, chosen + 1).reduce((sum, block) => sum + block.length, 0);
  while (from < chosen && heightUpTo(from) > height) from += 1;
  return blocks.slice(from).flat();
}

interface BlockOptions {
  readonly width: number;
  /** The room there is; what matters least is left out where it is not enough. */
  readonly height: number;
  readonly isChosen: boolean;
}

function block(view: View, transaction: Transaction, options: BlockOptions): readonly Row[] {
  const { width, height, isChosen } = options;
  const { model } = view;
  const explanation = explain(model, transaction);
  const head = headRow(view, transaction, isChosen);
  const tries = explanation?.tries ?? null;
  // Between two attempts no log and no participant holds anything.
  const isRetrying = transactionStatus(model, transaction) === "retrying";
  const facts: readonly Fact[] = [
    {
      name: "waits for",
      text: explanation?.waitsFor ?? "",
      short: explanation?.needs ?? "",
      tone: "plain",
    },
    ...(isRetrying ? [] : logFacts(model, transaction)),
    { name: "locks", text: locksText(transaction), tone: "warn" },
    { name: "behind it", text: behindText(model, transaction), tone: "warn" },
    { name: "last error", text: explanation?.lastError ?? "", tone: "bad" },
    { name: "tries", text: tries === null ? "" : triesText(tries, view.nowMs), tone: "plain" },
    { name: "safe", text: explanation === null ? "" : safeWay(view, explanation), tone: "good" },
    { name: "unsafe", text: explanation === null ? "" : unsafeWay(view, explanation), tone: "bad" },
  ];
  const told = facts.filter(({ text }) => text !== "").map((fact) => ({ fact, rows: factRows(fact, width) }));
  const find = (name: string) => told.find(({ fact }) => fact.name === name);
  const isTooHigh = (): boolean => told.reduce((sum, { rows }) => sum + rows.length, 1) > height;
  const leaveOut = (name: string): void => {
    const index = told.findIndex(({ fact }) => fact.name === name);
    if (isTooHigh() && index !== -1) told.splice(index, 1);
  };
  for (const name of LEAST) leaveOut(name);
  if (explanation?.behind.length === 0) leaveOut("behind it");
  const waits = find("waits for");
  if (isTooHigh() && waits !== undefined) waits.rows = factRows(shortened(waits.fact), width);
  leaveOut("waits for");
  for (const name of CUT) {
    const long = find(name);
    if (isTooHigh() && long !== undefined) long.rows = [cutRow(long.fact, width)];
  }
  const rows = told.flatMap((each) => each.rows);
  return [isChosen ? selectedRow(head, width) : head, ...rows, []];
}

/** The coordinator's log beside what the participants say. */
function logFacts(model: Model, transaction: Transaction): readonly Fact[] {
  return [
    { name: "coord log", text: coordinatorLogged(model, transaction), tone: "plain" },
    ...participantWords(model, transaction).map(
      ({ node, text, isAlarming }): Fact => ({ name: node, text, tone: isAlarming ? "bad" : "plain" }),
    ),
  ];
}

/** What a low screen does without, the least important first. */
const LEAST = ["tries", "last error"];

/** What it says in one line each where even then there is no room, the end cut off: what was explained before comes first. */
const CUT = ["unsafe", "coord log", "behind it", "locks", "safe"];

function shortened({ name, text, short, tone }: Fact): Fact {
  return { name, text: short ?? text, tone };
}

function cutRow({ name, text, tone }: Fact, width: number): Row {
  const { indent, label } = margins(width);
  const room = width - indent - label - 1;
  return [span(`${" ".repeat(indent)}${fitText(name, label)} `, "dim"), span(fitText(text, room), tone)];
}

function factRows({ name, text, tone }: Fact, width: number): readonly Row[] {
  const { indent, label } = margins(width);
  return wrapText(text, width - indent - label - 1).map(
    (line, index): Row => [
      span(`${" ".repeat(indent)}${fitText(index === 0 ? name : "", label)} `, "dim"),
      span(line, tone),
    ],
  );
}

/** Columns before and of a fact's name: on a narrow screen, no more than the names need. */
function margins(width: number): { readonly indent: number; readonly label: number } {
  return width < NARROW ? { indent: 2, label: 10 } : { indent: 4, label: 11 };
}

const NARROW = 70;

function headRow(view: View, transaction: Transaction, chosen: boolean): Row {
  return [
    span(chosen ? "> " : "  "),
    span(shortId(transaction.id, hasManyCoordinators(view.model)), "accent"),
    span("  "),
    statusSpan(view.model, transaction),
    span(`  ${ageText(view.model, transaction, view.nowMs)}  `, "warn"),
    span(workSummary(transaction), "dim"),
  ];
}

/** Where not all blocks fit, those that are not chosen say only why. */
function shortBlock(view: View, transaction: Transaction, width: number): readonly Row[] {
  const why = fitText(whyLine(view.model, transaction), width - 4);
  return [headRow(view, transaction, false), [span("    "), span(why, "dim")]];
}

interface Fact {
  readonly name: string;
  readonly text: string;
  /** The same in fewer words. */
  readonly short?: string;
  readonly tone: Tone;
}
