import type { Transaction } from "../../observe/model.ts";
import { nodeStatus } from "../../observe/node-status.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { Action } from "../actions.ts";
import type { Menu } from "../dialogs/dialog.ts";
import { confirmKill, confirmUnlock, killMenu, restartMenu } from "../dialogs/menus.ts";
import { openResolve, openSettleAll } from "../dialogs/open-resolve.ts";
import { openOrderForm, readOrderForm } from "../dialogs/order-form.ts";
import { askReset } from "../dialogs/reset.ts";
import { keyFor, keyHint, listScreens } from "../keymap.ts";
import { marketOf, orderLabel, orderOperations } from "../orders.ts";
import { chosenTransaction, currentList, preferredNode } from "../selection.ts";
import type { Session } from "../session.ts";
import { isCrash, undoNow } from "../undo.ts";

export function openOrder(session: Session): void {
  const found = marketOf(session.model.get());
  if ("problem" in found) return say(session, found.problem);
  session.change({ dialog: { type: "order", form: openOrderForm(found.market) } });
}

/**
 * On a cluster of our own that has no transaction yet, one key places the order that the form would propose. Once: the key
 * that opens a transaction must not place a second while the first is on its way.
 */
export function placeFirstOrder(session: Session): void {
  const model = session.model.get();
  if (session.ui.get().readOnly || session.cluster === null || model.transactions.size > 0) return;
  if (isOrderUnderWay(session)) return;
  const found = marketOf(model);
  if ("problem" in found) return say(session, found.problem);
  const read = readOrderForm(openOrderForm(found.market));
  if ("problem" in read) return say(session, read.problem);
  const operations = orderOperations(found.market, read.choice);
  session.act({ type: "order", operations, label: orderLabel(read.choice) });
}

/** What was ordered just now may not be seen yet. */
function isOrderUnderWay(session: Session): boolean {
  const { lastAction, commandLog } = session.ui.get();
  const last = commandLog.at(-1);
  if (last === undefined || (lastAction?.type !== "order" && lastAction?.type !== "burst")) return false;
  return last.ended === null || session.nowMs() - last.atMs < UNSEEN_MS;
}

/** An order's answer may come before its events do. */
const UNSEEN_MS = 2_000;

const NO_CONTROL = "not available: this console did not start the processes; use the machine they run on";

export function openKill(session: Session): void {
  const { cluster } = session;
  if (cluster === null) return say(session, `kill is ${NO_CONTROL}`);
  const processes = cluster.processes();
  const menu = killMenu(processes);
  const onNode = session.ui.get().screen === "participants" ? preferredNode(session.view()) : null;
  const process = processes.find(
    (each) => each.name === onNode && (each.state === "up" || each.state === "paused"),
  );
  if (process === undefined) return openMenu(session, menu, "no process is up");
  session.change({ dialog: confirmKill(session.model.get(), process, session.nowMs()) });
}

export function openRestart(session: Session): void {
  const { cluster } = session;
  if (cluster === null) return say(session, `restart is ${NO_CONTROL}`);
  const menu = restartMenu(session.model.get(), cluster.processes());
  const [only] = menu.items;
  if (only?.pick.type === "restart" && menu.items.length === 1)
    return session.act({ type: "restart", node: only.pick.node });
  openMenu(session, menu, "nothing to restart: no process is down");
}

/** Asks twice before all is deleted. */
export function openReset(session: Session): void {
  if (session.cluster === null) return say(session, `reset is ${NO_CONTROL}`);
  session.change({ dialog: { type: "reset", asked: askReset(session.nowMs()) } });
}

export function settle(session: Session): void {
  openResolve(session, chosenOrOpen(session));
}

/** Everything unfinished in the list that is shown, as the filter leaves it. */
export function settleAll(session: Session): void {
  const view = session.view();
  const { detail, screen, bindings } = view.ui;
  if (detail !== null)
    return say(
      session,
      `this is one transaction${keyHint(bindings, "resolve", "settles it")}; lists are in ${listScreens(bindings, "and")}`,
    );
  if (screen === "participants" || screen === "stock" || screen === "log") {
    return say(session, `only a list of transactions is settled: ${listScreens(bindings, "and")} have one`);
  }
  openSettleAll(session, currentList(view));
}

/** The transaction that is open, else the one under the cursor where the screen lists any. */
function chosenOrOpen(session: Session): Transaction | null {
  const { detail, screen } = session.ui.get();
  if (detail !== null) return session.model.get().transactions.get(detail) ?? null;
  if (screen === "participants" || screen === "stock" || screen === "log") return null;
  return chosenTransaction(session.view());
}

/** Takes back the last fault that is still there. */
export function undo(session: Session): void {
  const { undos, lastAction } = session.ui.get();
  const processes = session.cluster?.processes() ?? [];
  const last = undos.findLastIndex((each) => undoNow(processes, each) !== null);
  const due = undos[last];
  if (due !== undefined && session.cluster === null && isCrash(due) && "node" in due) {
    const why = `${due.node} is not heard: if its crash has come, start it again where it runs`;
    if (isUnheard(session, due.node)) return say(session, why);
  }
  // What came after it is over. It stays itself until it is taken back: that may fail.
  session.change({ undos: undos.slice(0, last + 1) });
  const action = due === undefined ? null : undoNow(processes, due);
  if (action === null) return say(session, "nothing to undo: no fault of yours is left");
  session.act(action);
  // What was undone can be repeated, not the undoing.
  session.change({ lastAction });
}

function isUnheard(session: Session, name: NodeName): boolean {
  const node = session.model.get().nodes.get(name);
  return node !== undefined && nodeStatus(node) === "unheard";
}

/** Does the last action again; what asked before asks again. */
export function repeat(session: Session): void {
  const { lastAction } = session.ui.get();
  if (lastAction === null) return say(session, "nothing to repeat yet");
  if (lastAction.type === "kill") return repeatKill(session, lastAction);
  if (lastAction.type === "reset") return openReset(session);
  if (lastAction.type === "resolve-many") return settleAll(session);
  if (lastAction.type === "resolve") {
    const { transactionId } = lastAction;
    return openResolve(session, session.model.get().transactions.get(transactionId) ?? null);
  }
  session.act(lastAction);
}

function repeatKill(session: Session, action: Extract<Action, { type: "kill" }>): void {
  const process = session.cluster?.processes().find((each) => each.name === action.node);
  if (process === undefined || process.state !== "up") return say(session, `${action.node} is not up`);
  session.change({ dialog: confirmKill(session.model.get(), process, session.nowMs()) });
}

/** Locking is done at once, unlocking asks. */
export function toggleReadOnly(session: Session): void {
  if (session.ui.get().readOnly) return session.change({ dialog: confirmUnlock(session.nowMs()) });
  session.change({ readOnly: true });
  const key = keyFor(session.ui.get().bindings, "read-only");
  say(session, `locked: this console is read-only until ${key} unlocks it`);
}

function openMenu(session: Session, menu: Menu, none: string): void {
  if (menu.items.length === 0) return say(session, none);
  session.change({ dialog: menu });
}

function say(session: Session, text: string): void {
  session.change({ flash: { text, tone: "warn" } });
}
