import { counted } from "../../observe/figures.ts";
import { markedWords, parseFilter } from "../filter.ts";
import { bodyHeight } from "../frame.ts";
import { holdsWord } from "../highlight.ts";
import { keyHint } from "../keymap.ts";
import { move } from "../movement.ts";
import { endIndex, filteredLog, LOG_KEYS } from "../panes/log-pane.ts";
import { LEDGER_KEYS, STOCK_KEYS } from "../panes/stock-pane.ts";
import { TRANSACTION_COLUMNS } from "../panes/transaction-list.ts";
import { findInRun } from "../replay/finding.ts";
import { detailTab } from "../screens/detail.ts";
import { NODE_COLUMNS, openedTransaction } from "../selection.ts";
import type { Session } from "../session.ts";
import { type ListName, nextSort, reversedSort, type Sort, sortNote } from "../sort.ts";
import { activeFilter, PANES, type Ui } from "../ui.ts";

/** How many lines of the log are shown around each that matches. */
const CONTEXTS = [0, 1, 3, 10];

/** Everything by its name; the crash points follow as soon as they are known. */
export function openPalette(session: Session): void {
  session.change({ dialog: { type: "palette", query: "", index: 0, points: [] } });
  void session.crashPoints().then((points) => {
    const { dialog } = session.ui.get();
    if (dialog?.type === "palette") session.change({ dialog: { ...dialog, points } });
  });
}

/** To the next place that the filter is for. */
export function goToMatch(session: Session, step: -1 | 1): void {
  const ui = session.ui.get();
  if (activeFilter(ui) === "")
    return say(session, `nothing is looked for${keyHint(ui.bindings, "filter", "filters")}`);
  if (ui.detail !== null) return goToMatchInTab(session, step);
  if (session.replay !== null && (ui.screen !== "log" || ui.logAnchor === null)) {
    return findInRun(session, step);
  }
  if (ui.screen === "log") return goToMatchInLog(session, step);
  // A list holds nothing but what matches.
  move(session, step === 1 ? "down" : "up");
}

function goToMatchInTab(session: Session, step: -1 | 1): void {
  const view = session.view();
  const transaction = openedTransaction(view);
  if (transaction === null) return;
  const { columns, rows: height } = session.size();
  const { rows, from, last } = detailTab(view, transaction, columns, bodyHeight(view, columns, height));
  const words = markedWords(parseFilter(view.ui.detailFilter));
  const places = rows.flatMap((row, index) => (holdsWord(row, words) ? [index] : []));
  const next = step === 1 ? places.find((place) => place > from) : places.findLast((place) => place < from);
  if (session.replay !== null && (next === undefined || from === last)) return findInRun(session, step);
  if (places.length === 0) return say(session, "nothing in this tab matches");
  if (next === undefined) return say(session, step === 1 ? "no match below" : "no match above");
  session.change({ detailOffset: Math.min(next, last) });
}

function goToMatchInLog(session: Session, step: -1 | 1): void {
  const view = session.view();
  const lines = filteredLog(view);
  const at = endIndex(lines, view.ui.logAnchor) - 1;
  const places = lines.flatMap(({ isMatch }, index) => (isMatch ? [index] : []));
  const next = step === 1 ? places.find((place) => place > at) : places.findLast((place) => place < at);
  if (next === undefined && session.replay !== null && step === 1) return findInRun(session, step);
  if (next === undefined) return say(session, step === 1 ? "no match below" : "no match above");
  session.change({ logAnchor: lines[next]?.entry.serial ?? null });
}

/** More lines around each match of the log, and after the most none again. */
export function turnContext(session: Session): void {
  const { logContext } = session.ui.get();
  const next = CONTEXTS[(CONTEXTS.indexOf(logContext) + 1) % CONTEXTS.length] ?? 0;
  session.change({ logContext: next });
  say(
    session,
    `log: ${next === 0 ? "only lines that match" : `${counted(next, "line")} around each that matches`}`,
  );
}

/** Sorts the list that has the cursor by its next column. */
export function turnSort(session: Session): void {
  changeSort(session, nextSort);
}

export function reverseSort(session: Session): void {
  changeSort(session, reversedSort);
}

function changeSort(
  session: Session,
  change: (sort: Sort | null, columns: readonly string[]) => Sort | null,
): void {
  const ui = session.ui.get();
  const list = listOf(ui);
  if (list === null) return say(session, "only lists and the log are sorted; this has an order of its own");
  const sort = change(ui.sorts[list], COLUMNS[list]);
  session.change({ sorts: { ...ui.sorts, [list]: sort } });
  const own =
    list === "log" || list === "stock" || list === "ledger" ? "in its own order" : "in their own order";
  say(session, `${list} ${sort === null ? own : sortNote(sort)}`);
}

const COLUMNS: Readonly<Record<ListName, readonly string[]>> = {
  transactions: TRANSACTION_COLUMNS,
  nodes: NODE_COLUMNS,
  stock: Object.keys(STOCK_KEYS),
  ledger: Object.keys(LEDGER_KEYS),
  log: Object.keys(LOG_KEYS),
};

function listOf({ screen, detail, pane }: Ui): ListName | null {
  if (detail !== null) return null;
  if (screen === "log" || PANES[screen][pane] === "events") return "log";
  if (screen === "participants") return "nodes";
  if (screen === "stock") return pane === 0 ? "stock" : "ledger";
  return "transactions";
}

export function toggleWrap(session: Session): void {
  const wrap = !session.ui.get().wrap;
  session.change({ wrap });
  say(session, wrap ? "long lines of the log go on below" : "long lines of the log are cut");
}

export function toggleTimes(session: Session): void {
  const times = session.ui.get().times === "clock" ? "since" : "clock";
  session.change({ times });
  say(
    session,
    times === "clock" ? "times of the day" : "times since: in lists from now, in the log from the line above",
  );
}

function say(session: Session, text: string): void {
  session.change({ flash: { text, tone: "plain" } });
}
