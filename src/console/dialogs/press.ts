import { assertNever } from "../../core/errors.ts";
import { editText } from "../edit-text.ts";
import { marketOf, orderLabel, orderOperations, randomOrders } from "../orders.ts";
import type { ResolveAction } from "../resolving.ts";
import type { Session } from "../session.ts";
import { type Asked, pressInAsked } from "./asked.ts";
import { choose } from "./choose.ts";
import type { BurstDialog, Confirm, Dialog, Menu } from "./dialog.ts";
import { keyInDialog } from "./dialog-keys.ts";
import { pressInFaults } from "./faults-panel.ts";
import { CONFIRM_GUARD_MS } from "./guard.ts";
import { pressInHeld } from "./held-list.ts";
import { movedTo, pressInCommandLog, pressInHelp, pressInPalette } from "./list-press.ts";
import { menuItems } from "./menus.ts";
import { type OrderForm, pressInOrderForm, readOrderForm } from "./order-form.ts";
import { RESET_QUESTION } from "./reset.ts";
import { chosenNodes, pressInResolveForm, type ResolveForm } from "./resolve-form.ts";
import { pressInSettleMany, settled } from "./settle-many-form.ts";

/** How many orders a burst may hold. */
export const BURST_MAX = 1_000;
/** How often an armed fault may fire. */
const FAULT_COUNT_MAX = 99;

/** Takes one key while a dialog is open. */
export function pressInDialog(session: Session, dialog: Dialog, pressed: string): void {
  const key = keyInDialog(session.ui.get().bindings, dialog, pressed);
  if (key === "escape") return session.change({ dialog: null });
  switch (dialog.type) {
    case "help":
      return pressInHelp(session, dialog, key);
    case "palette":
      return pressInPalette(session, dialog, key);
    case "command-log":
      return pressInCommandLog(session, dialog, key);
    case "faults":
      return pressInFaults(session, dialog, key);
    case "held":
      return pressInHeld(session, dialog, key);
    case "order":
      return pressInOrder(session, dialog.form, key);
    case "burst":
      return pressInBurst(session, dialog, key);
    case "menu":
      return pressInMenu(session, dialog, key);
    case "confirm":
      return pressInConfirm(session, dialog, key);
    case "resolve":
      return pressInResolve(session, dialog.form, key);
    case "reset":
      return pressInReset(session, dialog.asked, key);
    case "settle-many":
      return pressInMany(session, dialog, key);
    default:
      return assertNever(dialog, "dialog");
  }
}

function pressInOrder(session: Session, form: OrderForm, key: string): void {
  const next = pressInOrderForm(form, key);
  if (next !== "send") return session.change({ dialog: { type: "order", form: next } });
  const read = readOrderForm(form);
  if ("problem" in read) return;
  session.change({ dialog: null, selectedTransaction: null });
  const operations = orderOperations(form.market, read.choice);
  session.act({ type: "order", operations, label: orderLabel(read.choice) });
}

function pressInBurst(session: Session, { count, isTyped }: BurstDialog, key: string): void {
  const show = (text: string, problem: string | null = null): void =>
    session.change({ dialog: { type: "burst", count: text, isTyped: true, problem } });
  if (key === "backspace") return show(count.slice(0, -1));
  if (key !== "enter") {
    if (/^[0-9]$/.test(key)) show(isTyped ? (count + key).slice(0, 5) : key);
    return;
  }
  const wanted = Number(count);
  if (count === "" || wanted < 1 || wanted > BURST_MAX) {
    return show(count, `a whole number from 1 to ${BURST_MAX}`);
  }
  const found = marketOf(session.model.get());
  if ("problem" in found) return show(count, found.problem);
  const orders = randomOrders(found.market, wanted, session.random);
  if (orders.length === 0) return show(count, "nothing can be sold: no stock, or no customer has funds");
  session.change({ dialog: null, selectedTransaction: null });
  session.act({ type: "burst", orders, asked: wanted });
}

function pressInMenu(session: Session, menu: Menu, key: string): void {
  const items = menuItems(menu);
  const index = movedTo(key, menu.index, items.length);
  if (index !== null) return session.change({ dialog: { ...menu, index } });
  if (menu.count !== null && (key === "right" || key === "left")) {
    const count = Math.max(1, Math.min(FAULT_COUNT_MAX, menu.count + (key === "right" ? 1 : -1)));
    return session.change({ dialog: { ...menu, count } });
  }
  const chosen = items[menu.index];
  if (key === "enter" && chosen !== undefined) return choose(session, chosen.pick, menu.count ?? 1);
  if (menu.query === null) return;
  const query = editText(menu.query, key);
  if (query !== null) session.change({ dialog: { ...menu, query, index: 0 } });
}

function pressInConfirm(session: Session, dialog: Confirm, key: string): void {
  if (session.nowMs() - dialog.openedAtMs < CONFIRM_GUARD_MS) return;
  session.change({ dialog: null });
  if (key !== "y" && key !== "Y") return;
  if (dialog.onYes === "quit") session.leave("quit");
  else if (dialog.onYes === "unlock") unlock(session);
  else session.act(dialog.onYes);
}

function unlock(session: Session): void {
  session.change({ readOnly: false, flash: { text: "unlocked: keys act again", tone: "warn" } });
}

function pressInResolve(session: Session, form: ResolveForm, key: string): void {
  const next = pressInResolveForm(form, key, session.nowMs());
  if (next === "close") return session.change({ dialog: null });
  if (next !== "act") return session.change({ dialog: { type: "resolve", form: next } });
  session.change({ dialog: null });
  session.act(resolveActionOf(form, form.reason));
}

function pressInReset(session: Session, asked: Asked, key: string): void {
  const next = pressInAsked(asked, key, session.nowMs(), RESET_QUESTION);
  if (next === "close") return session.change({ dialog: null });
  if (next !== "act") return session.change({ dialog: { type: "reset", asked: next } });
  session.change({ dialog: null, detail: null, selectedTransaction: null, logAnchor: null, frozen: null });
  session.act({ type: "reset" });
}

function pressInMany(session: Session, dialog: Extract<Dialog, { type: "settle-many" }>, key: string): void {
  const { form } = dialog;
  const next = pressInSettleMany(form, key, session.nowMs());
  if (next === "close") return session.change({ dialog: null });
  if (next !== "act") return session.change({ dialog: { ...dialog, form: next } });
  session.change({ dialog: null });
  const each = settled(form).map((item) => resolveActionOf(item, form.reason));
  session.act({ type: "resolve-many", choice: form.choice, each });
}

function resolveActionOf(form: ResolveForm, reason: string): ResolveAction {
  const { transactionId, name, choice, previews } = form;
  const nodes = chosenNodes(form);
  const isWhole = previews[choice].every(({ accepted, node }) => !accepted || nodes.includes(node));
  return { type: "resolve", transactionId, name, choice, reason, nodes, isWhole };
}
