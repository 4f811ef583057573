import { participantNames } from "../observe/transaction.ts";
import { bodyHeight } from "./frame.ts";
import type { Command } from "./keymap.ts";
import { endIndex, filteredLog } from "./panes/log-pane.ts";
import { chosenRow, rowKeys } from "./panes/stock-pane.ts";
import { selectedOf } from "./panes/transaction-list.ts";
import { detailScrollMax } from "./screens/detail.ts";
import { chosenNode, currentList, listNodes, openedTransaction } from "./selection.ts";
import type { Session } from "./session.ts";
import { PANES } from "./ui.ts";

type Movement = Extract<Command, "down" | "up" | "page-down" | "page-up" | "first" | "last">;

/** Moves the cursor of the current screen, or scrolls a tab, which has none. */
export function move(session: Session, movement: Movement): void {
  const ui = session.ui.get();
  if (ui.detail !== null) return scrollDetail(session, movement);
  const pane = PANES[ui.screen][ui.pane];
  if (pane === "stock" || pane === "ledger") return moveRow(session, pane, movement);
  if (pane === "events" || pane === "log") return moveLog(session, movement);
  switch (ui.screen) {
    case "dashboard":
    case "transactions":
    case "in-doubt":
      return moveTransaction(session, movement);
    case "participants":
      return moveNode(session, movement);
  }
}

/** The index that a movement leads to, inside the list. */
export function movedIndex(index: number, count: number, movement: Movement, page: number): number {
  const target = {
    down: index + 1,
    up: index - 1,
    "page-down": index + page,
    "page-up": index - page,
    first: 0,
    last: count - 1,
  }[movement];
  return Math.max(0, Math.min(count - 1, target));
}

function moveTransaction(session: Session, movement: Movement): void {
  const view = session.view();
  const list = currentList(view);
  const chosen = selectedOf(view, list);
  if (chosen === null) return;
  const next = movedIndex(list.indexOf(chosen), list.length, movement, pageOf(session));
  // At the top the cursor follows what comes.
  const id = next === 0 && movement === "first" ? null : (list[next]?.id ?? null);
  session.change({ selectedTransaction: id });
}

function moveNode(session: Session, movement: Movement): void {
  const view = session.view();
  const nodes = listNodes(view);
  const chosen = chosenNode(view);
  if (chosen === null) return;
  const next = movedIndex(nodes.indexOf(chosen), nodes.length, movement, nodes.length);
  session.change({ selectedNode: nodes[next]?.name ?? null });
}

function moveRow(session: Session, pane: "stock" | "ledger", movement: Movement): void {
  const view = session.view();
  const keys = rowKeys(view, pane);
  const at = Math.max(0, keys.indexOf(chosenRow(view, pane) ?? ""));
  const next = keys[movedIndex(at, keys.length, movement, pageOf(session))] ?? null;
  session.change({ selectedRows: { ...view.ui.selectedRows, [pane]: next } });
}

/** A tab stays where it was put until it is at its natural place again: the sequence at its end, the others on top. */
function scrollDetail(session: Session, movement: Movement): void {
  const view = session.view();
  const transaction = openedTransaction(view);
  if (transaction === null) return;
  const { columns, rows } = session.size();
  const last = detailScrollMax(view, transaction, columns, bodyHeight(view, columns, rows));
  const natural = view.ui.detailTab === "sequence" ? last : 0;
  const from = Math.min(view.ui.detailOffset ?? natural, last);
  const next = movedIndex(from, last + 1, movement, pageOf(session));
  session.change({ detailOffset: next === natural ? null : next });
}

/** Moves a sequence diagram that has more lanes than fit. */
export function panLanes(session: Session, step: -1 | 1): void {
  const view = session.view();
  const transaction = openedTransaction(view);
  const { pan } = session.ui.get();
  const most = transaction === null ? 0 : participantNames(transaction).length;
  session.change({ pan: Math.max(0, Math.min(pan + step, most - 1)) });
}

function moveLog(session: Session, movement: Movement): void {
  const view = session.view();
  const entries = filteredLog(view);
  if (entries.length === 0) return;
  if (movement === "last") return session.change({ logAnchor: null });
  const page = pageOf(session);
  const end = endIndex(entries, view.ui.logAnchor);
  const target = movedIndex(end - 1, entries.length, movement, page);
  const isNewest = target === entries.length - 1;
  session.change({ logAnchor: isNewest ? null : (entries[target]?.entry.serial ?? null) });
}

function pageOf(session: Session): number {
  return Math.max(1, session.size().rows - 6);
}
