import { age } from "../../observe/figures.ts";
import type { Transaction } from "../../observe/model.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import { transactionStatus, workSummary } from "../../observe/transaction.ts";
import { explain } from "../../observe/why.ts";
import { type Row, selectedRow, span, titleRow, wrapText } from "../row.ts";
import type { View } from "../view.ts";
import { listUnfinished, selectedOf, statusSpan } from "./transactions-pane.ts";

/** What is not finished, the oldest first, each with what it waits for and what can be done. */
export function doubtPane(view: View, width: number, height: number): readonly Row[] {
  const list = listUnfinished(view);
  const inDoubt = list.filter((each) => transactionStatus(view.model, each) === "in-doubt").length;
  const title = titleRow("In doubt and unfinished", width, {
    focused: true,
    note: list.length === 0 ? "" : `${inDoubt} in doubt, ${list.length} unfinished`,
  });
  if (list.length === 0) {
    return [title, [span("  nothing is in doubt: every transaction has ended at every participant", "good")]];
  }
  const chosen = selectedOf(view, list);
  const blocks = list.map((transaction) => block(view, transaction, width, transaction === chosen));
  return [title, ...scrolled(blocks, Math.max(0, chosen === null ? 0 : list.indexOf(chosen)), height - 1)];
}

/** Whole blocks, beginning so that the chosen one is seen. */
function scrolled(blocks: readonly (readonly Row[])[], chosen: number, height: number): readonly Row[] {
  let from = 0;
  const heightUpTo = (start: number): number =>
    blocks.slice(start, chosen + 1).reduce((sum, block) => sum + block.length, 0);
  while (from < chosen && heightUpTo(from) > height) from += 1;
  return blocks.slice(from).flat();
}

function block(view: View, transaction: Transaction, width: number, chosen: boolean): readonly Row[] {
  const named = hasManyCoordinators(view.model);
  const status = transactionStatus(view.model, transaction);
  const explanation = explain(view.model, transaction);
  const head: Row = [
    span(chosen ? "> " : "  "),
    span(shortId(transaction.id, named), "accent"),
    span("  "),
    statusSpan(status),
    span(`  ${age(view.nowMs - transaction.startedAtMs)}  `, "warn"),
    span(workSummary(transaction), "dim"),
  ];
  const logged = transaction.coordinatorView?.outcome ?? null;
  const facts: [string, string, "plain" | "bad" | "good" | "warn"][] = [
    ["waits for", explanation?.waitsFor ?? "", "plain"],
    ["blocked by", explanation?.blockedBy.join(", ") ?? "", "bad"],
    ["decision", logged === null ? "none known here" : logged === "committed" ? "commit" : "abort", "plain"],
    ["holds", explanation?.holds.join(", ") ?? "", "warn"],
    ["last error", explanation?.lastError ?? "", "bad"],
    ["safe", explanation?.safe ?? "", "good"],
  ];
  const rows = facts
    .filter(([, text]) => text !== "")
    .flatMap(([name, text, tone]) =>
      wrapText(text, width - 17).map(
        (line, index): Row => [span(`    ${(index === 0 ? name : "").padEnd(11)} `, "dim"), span(line, tone)],
      ),
    );
  return [chosen ? selectedRow(head, width) : head, ...rows, []];
}
