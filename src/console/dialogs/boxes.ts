import { assertNever } from "../../core/errors.ts";
import { grouped, money } from "../../schema/money.ts";
import { orderLabel, priceOf } from "../orders.ts";
import { fitRow, fitText, type Row, rowWidth, selectedRow, span, wrapText } from "../row.ts";
import { visibleFrom } from "../table.ts";
import type { View } from "../view.ts";
import { type Box, frame } from "./box.ts";
import type { BurstDialog, Confirm, Dialog, Menu } from "./dialog.ts";
import { faultsBox } from "./faults-panel.ts";
import { heldBox } from "./held-list.ts";
import { helpBox } from "./help-box.ts";
import { commandLogBox, paletteBox } from "./list-boxes.ts";
import { menuItems } from "./menus.ts";
import {
  foreseeRefusal,
  ORDER_FIELDS,
  type OrderField,
  type OrderForm,
  readOrderForm,
} from "./order-form.ts";
import { resetBox } from "./reset.ts";
import { resolveBox } from "./resolve-box.ts";
import { settleManyBox } from "./settle-many-box.ts";

/** The box of a dialog, no larger than the given room. */
export function dialogBox(view: View, dialog: Dialog, widthMax: number, heightMax: number): Box {
  switch (dialog.type) {
    case "help":
      return helpBox(view, dialog, widthMax, heightMax);
    case "palette":
      return paletteBox(view, dialog, widthMax, heightMax);
    case "command-log":
      return commandLogBox(view, dialog, widthMax, heightMax);
    case "faults":
      return faultsBox(view, dialog, widthMax, heightMax);
    case "held":
      return heldBox(view, dialog, widthMax, heightMax);
    case "order":
      return orderBox(dialog.form, widthMax, heightMax);
    case "burst":
      return burstBox(dialog, widthMax, heightMax);
    case "menu":
      return menuBox(dialog, widthMax, heightMax);
    case "confirm":
      return confirmBox(dialog, widthMax, heightMax);
    case "resolve":
      return resolveBox(dialog.form, widthMax, heightMax);
    case "reset":
      return resetBox(view, dialog.asked, widthMax, heightMax);
    case "settle-many":
      return settleManyBox(dialog.form, widthMax, heightMax);
    default:
      return assertNever(dialog, "dialog");
  }
}

function orderBox(form: OrderForm, widthMax: number, heightMax: number): Box {
  const customer = form.market.customers[form.customer];
  const item = form.market.items[form.item];
  const read = readOrderForm(form);
  const warning = "choice" in read ? foreseeRefusal(read.choice) : read.problem;
  const price = "choice" in read ? money(String(priceOf(read.choice))) : "?";
  const unit = item?.item.priceMinor === undefined ? "?" : money(item.item.priceMinor);
  const send = "choice" in read ? `Send: ${orderLabel(read.choice)}` : "Send";
  const content: Row[] = [
    fieldRow(
      form,
      "customer",
      customer?.account.id ?? "",
      `${money(customer?.account.balance ?? "0")}, ${customer?.account.name}`,
    ),
    fieldRow(
      form,
      "item",
      item?.item.sku ?? "",
      `${grouped(item?.item.available ?? "0")} available, ${item?.item.name}`,
    ),
    fieldRow(form, "quantity", form.quantity, `× ${unit} = ${price}`),
    [],
    form.field === "send"
      ? selectedRow([span(`> ${send} `)], rowWidth([span(send)]) + 3)
      : [span(`  ${send}`, "dim")],
    [span(warning, "choice" in read ? "warn" : "bad")],
  ];
  const wide = content.map((row) => fitRow(row, Math.min(widthMax - 4, 66)));
  const hint =
    form.field === "send" ? "Enter sends  ↑ back  Esc cancels" : "Enter goes on  ←→ choose  ↑↓ field  Esc";
  return frame("New order", wide, hint, widthMax, heightMax);
}

function fieldRow(form: OrderForm, field: OrderField, value: string, note: string): Row {
  const active = form.field === field;
  const choice = field !== "quantity";
  const shown = active ? (choice ? `‹ ${value} ›` : `${value}_`) : choice ? `  ${value}` : value;
  return [
    span(active ? "> " : "  ", "accent"),
    span(fitText(ORDER_FIELDS.find((each) => each === field) ?? field, 10), active ? "strong" : "dim"),
    span(` ${fitText(shown, 20)} `, active ? "selected" : "plain"),
    span(`  ${note}`, "dim"),
  ];
}

function burstBox(dialog: BurstDialog, widthMax: number, heightMax: number): Box {
  const content: Row[] = [
    [span("how many orders  "), span(` ${fitText(`${dialog.count}_`, 6)}`, "selected")],
    [
      span(
        dialog.problem ?? "one to three pieces each, sent at once",
        dialog.problem === null ? "dim" : "bad",
      ),
    ],
  ];
  return frame("Burst", content, "Enter sends  Esc cancels", widthMax, heightMax);
}

function menuBox(menu: Menu, widthMax: number, heightMax: number): Box {
  const { index } = menu;
  const items = menuItems(menu);
  if (items.length === 0) {
    const none: Row = [span("nothing has that name; Backspace widens", "dim")];
    return frame(menuTitle(menu), [none], "Esc cancels", widthMax, heightMax);
  }
  const labelWidth = Math.max(...items.map((item) => item.label.length));
  const noteWidth = Math.max(...items.map((item) => item.note.length));
  const beside = labelWidth + noteWidth + 4 <= widthMax - 4;
  const inner = beside
    ? Math.max(labelWidth + noteWidth + 4, menuTitle(menu).length + 4)
    : Math.min(widthMax - 4, Math.max(labelWidth + 2, 60));
  // Notes too long to stand beside their lines are shown one at a time below.
  const below = beside
    ? []
    : [[], ...wrapText(items[index]?.note ?? "", inner).map((line) => [span(line, "dim")])];
  const reserved = beside ? 0 : Math.max(3, below.length);
  const room = Math.max(1, heightMax - 2 - reserved);
  const from = visibleFrom(items.length, index, room);
  const lines = items.slice(from, from + room).map((item, offset): Row => {
    const active = from + offset === index;
    const note = beside ? [span(`  ${item.note}`, "dim")] : [];
    const row: Row = [span(active ? "> " : "  "), span(fitText(item.label, labelWidth)), ...note];
    return active ? selectedRow(row, inner) : fitRow(row, inner);
  });
  const times = menu.count === null ? "" : `  ←→ ${menu.count === 1 ? "once" : `${menu.count} times`}`;
  return frame(
    menuTitle(menu),
    [...lines, ...below],
    `Enter chooses${times}  Esc cancels`,
    widthMax,
    heightMax,
  );
}

function menuTitle({ title, query }: Menu): string {
  return query === null ? title : `${title} ${query}_`;
}

function confirmBox(dialog: Confirm, widthMax: number, heightMax: number): Box {
  const width = Math.min(widthMax - 4, 60);
  const content = dialog.lines.flatMap((line) => wrapText(line, width)).map((line): Row => [span(line)]);
  return frame(
    dialog.title,
    [...content, [], [span("y", "title"), span(" yes   "), span("N", "title"), span(" no (default)")]],
    "y / N",
    widthMax,
    heightMax,
  );
}
