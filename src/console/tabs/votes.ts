import { attemptsOf } from "../../observe/attempts.ts";
import { timeOfDayMs } from "../../observe/figures.ts";
import { endingText, heuristicFacts, verdictText } from "../../observe/heuristic.ts";
import type { Transaction } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import { participantNames, VOTE_LETTERS, voteLetter } from "../../observe/transaction.ts";
import { reasonText } from "../../observe/why.ts";
import { statusSpan, voteSpan } from "../panes/transactions-pane.ts";
import { fitText, type Row, span, wrapText } from "../row.ts";
import type { View } from "../view.ts";

/** One row a participant: vote, phase, ack, reason; then the attempts of the request, where there were several. */
export function votesRows(view: View, transaction: Transaction, width: number): readonly Row[] {
  const names = participantNames(transaction);
  if (names.length === 0) return [[span("no participant is known yet", "dim")]];
  const nameWidth = Math.max(...names.map((name) => name.length));
  const rows = names.flatMap((name): Row[] => {
    const own = transaction.participants.get(name);
    const branch = transaction.coordinatorView?.branches.find((each) => each.name === name);
    const letter = voteLetter(view.model, transaction, name);
    const at = branch?.preparedAt ?? null;
    const words = [
      VOTE_LETTERS[letter],
      ...(own === undefined || VOTE_LETTERS[letter].startsWith(own.phase) ? [] : [`itself ${own.phase}`]),
      ...(at === null ? [] : [`prepared as #${at.seq} of epoch ${at.epoch}`]),
    ].join(", ");
    const [first = "", ...more] = wrapText(words, width - nameWidth - MARK_WIDTH);
    return [
      [voteSpan(view, transaction, name), span(`  ${fitText(name, nameWidth)}  `), span(first)],
      ...more.map((line): Row => [span(" ".repeat(nameWidth + MARK_WIDTH)), span(line)]),
      ...remarks(transaction, name).flatMap((text) => indented(text, width)),
    ];
  });
  return [...rows, ...attemptRows(view, transaction, width)];
}

/** The letter and the blanks around a name. */
const MARK_WIDTH = 5;

function remarks(
  transaction: Transaction,
  name: Parameters<Transaction["participants"]["get"]>[0],
): string[] {
  const own = transaction.participants.get(name);
  const branch = transaction.coordinatorView?.branches.find((each) => each.name === name);
  const reason = branch?.reason ?? own?.reason ?? null;
  const trouble = own?.trouble ?? branch?.refusal ?? null;
  const byHand = heuristicFacts(transaction).find((fact) => fact.node === name);
  return [
    reason === null ? null : reasonText(reason),
    byHand === undefined ? trouble : `${verdictText(byHand)}; ${endingText(byHand)}`,
  ].filter((text) => text !== null);
}

function indented(text: string, width: number): readonly Row[] {
  return wrapText(text, width - 3).map((line): Row => [span(`   ${line}`, "warn")]);
}

function attemptRows(view: View, transaction: Transaction, width: number): readonly Row[] {
  const attempts = attemptsOf(view.model, transaction);
  if (attempts.length <= 1) return [];
  const named = hasManyCoordinators(view.model);
  const rows = attempts.toReversed().flatMap((each): Row[] => {
    const reason = each.coordinatorView?.reason ?? null;
    const row: Row = [
      span(each === transaction ? "> " : "  "),
      span(`${each.coordinatorView?.attempt ?? 0}  ${shortId(each.id, named)}  `, "accent"),
      statusSpan(view.model, each),
      span(`  ${timeOfDayMs(each.startedAtMs)}`, "dim"),
    ];
    return [row, ...(reason === null ? [] : indented(reasonText(reason), width))];
  });
  const request = transaction.coordinatorView?.requestId ?? "";
  return [[], [span(`${attempts.length} attempts of request ${request}`, "strong")], ...rows];
}
