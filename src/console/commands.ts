import { assertNever } from "../core/errors.ts";
import type { Transaction } from "../observe/model.ts";
import { nodeStatus } from "../observe/node-status.ts";
import { unfinishedTransactions } from "../observe/transaction.ts";
import type { Action } from "./actions.ts";
import type { Menu } from "./dialogs/dialog.ts";
import { confirmKill, confirmQuit, faultNodeMenu, killMenu, restartMenu } from "./dialogs/menus.ts";
import { openResolve } from "./dialogs/open-resolve.ts";
import { openOrderForm } from "./dialogs/order-form.ts";
import type { Command } from "./keymap.ts";
import { move, panLanes } from "./movement.ts";
import { marketOf } from "./orders.ts";
import { chosenNode, chosenTransaction } from "./selection.ts";
import type { Session } from "./session.ts";
import { switchTheme } from "./switch-theme.ts";
import { DETAIL_TABS, SCREENS } from "./ui.ts";

/** Does what a key asks for, outside dialogs. */
export function runCommand(session: Session, command: Command): void {
  switch (command) {
    case "help":
      return session.change({ dialog: { type: "help", offset: 0 } });
    case "filter":
      return session.change({ typingFilter: true, detail: null });
    case "freeze":
      return session.ui.set((ui) => ({ ...ui, frozen: ui.frozen === null ? session.model.get() : null }));
    case "next-pane":
      return session.ui.set((ui) => ({ ...ui, pane: ui.pane === 0 ? 1 : 0 }));
    case "back":
      return goBack(session);
    case "quit":
      return quit(session);
    case "interrupt":
      return interrupt(session);
    case "suspend":
      return session.suspend();
    case "redraw":
      return session.redraw();
    case "theme":
      return switchTheme(session);
    case "screen-1":
    case "screen-2":
    case "screen-3":
    case "screen-4":
    case "screen-5":
    case "screen-6":
      return showScreen(session, Number(command.slice(-1)) - 1);
    case "down":
    case "up":
    case "page-down":
    case "page-up":
    case "first":
    case "last":
      return move(session, command);
    case "open":
      return openDetail(session);
    case "next-tab":
      return turnTab(session, 1);
    case "previous-tab":
      return turnTab(session, -1);
    case "pan-left":
      return panLanes(session, -1);
    case "pan-right":
      return panLanes(session, 1);
    case "order":
      return openOrder(session);
    case "burst":
      return session.change({ dialog: { type: "burst", count: "10", problem: null } });
    case "fault":
      return openMenu(session, faultNodeMenu(session.model.get(), preferredNode(session)), "no node is up");
    case "kill":
      return openKill(session);
    case "restart":
      return openRestart(session);
    case "resolve":
      return openResolve(session, chosenOrOpen(session));
    case "repeat":
      return repeat(session);
    default:
      return assertNever(command, "command");
  }
}

function showScreen(session: Session, index: number): void {
  const screen = SCREENS[index];
  if (screen === undefined) return;
  const same = session.ui.get().screen === screen;
  session.change({ screen, detail: null, pane: 0, ...(same ? {} : { filter: "" }) });
}

function goBack(session: Session): void {
  const ui = session.ui.get();
  if (ui.filter !== "") return session.change({ filter: "" });
  if (ui.flash !== null && ui.detail === null && ui.screen === "dashboard")
    return session.change({ flash: null });
  if (ui.detail !== null) return session.change({ detail: null });
  if (ui.logAnchor !== null && ui.screen === "log") return session.change({ logAnchor: null });
  if (ui.screen !== "dashboard") session.change({ screen: "dashboard" });
}

function quit(session: Session): void {
  const ui = session.ui.get();
  if (ui.detail !== null) return session.change({ detail: null });
  if (ui.screen !== "dashboard") return session.change({ screen: "dashboard", filter: "" });
  const unfinished = unfinishedTransactions(session.model.get()).length;
  if (unfinished === 0) return session.leave("quit");
  session.change({ dialog: confirmQuit(unfinished, session.cluster !== null, session.nowMs()) });
}

function interrupt(session: Session): void {
  if (session.ui.get().interrupted) return session.leave("signal");
  session.change({ interrupted: true, flash: { text: "Ctrl-C again quits at once", tone: "warn" } });
}

function openDetail(session: Session): void {
  const chosen = chosenTransaction(session.view());
  const { screen } = session.ui.get();
  if (chosen === null || screen === "participants" || screen === "stock" || screen === "log") return;
  const offsets = { ...session.ui.get().offsets, detail: null };
  session.change({ detail: chosen.id, selectedTransaction: chosen.id, offsets, pan: 0 });
}

/** The transaction that is open, else the one under the cursor where the screen lists any. */
function chosenOrOpen(session: Session): Transaction | null {
  const { detail, screen } = session.ui.get();
  if (detail !== null) return session.model.get().transactions.get(detail) ?? null;
  if (screen === "participants" || screen === "stock" || screen === "log") return null;
  return chosenTransaction(session.view());
}

function turnTab(session: Session, step: number): void {
  const ui = session.ui.get();
  if (ui.detail === null) return;
  const index = (DETAIL_TABS.indexOf(ui.detailTab) + step + DETAIL_TABS.length) % DETAIL_TABS.length;
  session.change({
    detailTab: DETAIL_TABS[index] ?? "sequence",
    offsets: { ...ui.offsets, detail: null },
  });
}

function openOrder(session: Session): void {
  const found = marketOf(session.model.get());
  if ("problem" in found) return session.change({ flash: { text: found.problem, tone: "warn" } });
  session.change({ dialog: { type: "order", form: openOrderForm(found.market) } });
}

function openMenu(session: Session, menu: Menu, none: string): void {
  if (menu.items.length === 0) return session.change({ flash: { text: none, tone: "warn" } });
  session.change({ dialog: menu });
}

const NO_CONTROL = "not available: this console did not start the processes; use the machine they run on";

function openKill(session: Session): void {
  const { cluster } = session;
  if (cluster === null) return session.change({ flash: { text: `kill is ${NO_CONTROL}`, tone: "warn" } });
  const processes = cluster.processes();
  const menu = killMenu(processes, preferredNode(session));
  const onNode = session.ui.get().screen === "participants" ? preferredNode(session) : null;
  const process = processes.find((each) => each.name === onNode && each.state === "up");
  if (process === undefined) return openMenu(session, menu, "no process is up");
  session.change({ dialog: confirmKill(session.model.get(), process, session.nowMs()) });
}

function openRestart(session: Session): void {
  const { cluster } = session;
  if (cluster === null) return session.change({ flash: { text: `restart is ${NO_CONTROL}`, tone: "warn" } });
  const menu = restartMenu(session.model.get(), cluster.processes());
  const [only] = menu.items;
  if (only !== undefined && menu.items.length === 1)
    return session.act({ type: "restart", node: only.pick.node });
  openMenu(session, menu, "nothing to restart: every process is up");
}

/** The node chosen among the participants; elsewhere the first participant that is up. */
function preferredNode(session: Session) {
  const view = session.view();
  if (view.ui.screen === "participants") return chosenNode(view)?.name ?? null;
  for (const node of view.model.nodes.values()) {
    if (node.kind !== "coordinator" && nodeStatus(node) === "up") return node.name;
  }
  return null;
}

function repeat(session: Session): void {
  const { lastAction } = session.ui.get();
  if (lastAction === null) return session.change({ flash: { text: "nothing to repeat yet", tone: "plain" } });
  if (lastAction.type === "kill") return repeatKill(session, lastAction);
  if (lastAction.type === "resolve") {
    const { transactionId } = lastAction;
    return openResolve(session, session.model.get().transactions.get(transactionId) ?? null);
  }
  session.act(lastAction);
}

function repeatKill(session: Session, action: Extract<Action, { type: "kill" }>): void {
  const process = session.cluster?.processes().find((each) => each.name === action.node);
  if (process === undefined || process.state !== "up") {
    return session.change({ flash: { text: `${action.node} is not up`, tone: "warn" } });
  }
  session.change({ dialog: confirmKill(session.model.get(), process, session.nowMs()) });
}
