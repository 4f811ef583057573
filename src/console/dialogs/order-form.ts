import { money } from "../../schema/money.ts";
import { defaultChoice, type Market, type OrderChoice, priceOf } from "../orders.ts";

export const ORDER_FIELDS = ["customer", "item", "quantity", "send"] as const;
export type OrderField = (typeof ORDER_FIELDS)[number];

/** The form of one order. Choices are indexes into the market it was opened with. */
export interface OrderForm {
  readonly market: Market;
  readonly customer: number;
  readonly item: number;
  readonly quantity: string;
  readonly field: OrderField;
  /** Letters typed in a field of choices; they look for the next match. */
  readonly typed: string;
}

export function openOrderForm(market: Market): OrderForm {
  return { market, ...defaultChoice(market), quantity: "1", field: "customer", typed: "" };
}

/** What the form holds, or what is wrong with it. */
export function readOrderForm(form: OrderForm): { choice: OrderChoice } | { problem: string } {
  const customer = form.market.customers[form.customer];
  const item = form.market.items[form.item];
  if (customer === undefined || item === undefined) return { problem: "choose a customer and an item" };
  if (form.quantity.trim() === "") return { problem: "quantity: a whole number is needed" };
  if (!/^[0-9]+$/.test(form.quantity)) {
    return { problem: `quantity: ${form.quantity} is not a whole number above 0` };
  }
  const quantity = BigInt(form.quantity);
  if (quantity === 0n) return { problem: "quantity: at least 1" };
  if (quantity > BigInt(Number.MAX_SAFE_INTEGER)) return { problem: "quantity: at most 9007199254740991" };
  return { choice: { customer, item, quantity } };
}

/** What the participants will probably say to it; empty when it should pass. */
export function foreseeRefusal(choice: OrderChoice): string {
  const { customer, item, quantity } = choice;
  if (quantity > BigInt(item.item.available))
    return `only ${item.item.available} available: the warehouse will refuse`;
  if (!customer.account.overdraft && priceOf(choice) > BigInt(customer.account.balance)) {
    return `only ${money(customer.account.balance)} in the account: the ledger will refuse`;
  }
  return "";
}

/** The form after a key; `send` when it is to be sent. */
export function pressInOrderForm(form: OrderForm, key: string): OrderForm | "send" {
  switch (key) {
    case "enter":
      if (form.field === "send") return "problem" in readOrderForm(form) ? form : "send";
      return moveTo(form, "problem" in readOrderForm(form) ? "quantity" : "send");
    case "tab":
    case "down":
      return moveBy(form, 1);
    case "shift-tab":
    case "up":
      return moveBy(form, -1);
    case "left":
      return turn(form, -1);
    case "right":
    case " ":
      return turn(form, 1);
    case "backspace":
      return form.field === "quantity"
        ? { ...form, quantity: form.quantity.slice(0, -1) }
        : { ...form, typed: "" };
    default:
      return [...key].length === 1 ? type(form, key) : form;
  }
}

function moveTo(form: OrderForm, field: OrderField): OrderForm {
  return { ...form, field, typed: "" };
}

function moveBy(form: OrderForm, step: number): OrderForm {
  const count = ORDER_FIELDS.length;
  const index = (ORDER_FIELDS.indexOf(form.field) + step + count) % count;
  return moveTo(form, ORDER_FIELDS[index] ?? "customer");
}

function turn(form: OrderForm, step: number): OrderForm {
  const around = (index: number, count: number): number => (index + step + count) % count;
  switch (form.field) {
    case "customer":
      return { ...form, customer: around(form.customer, form.market.customers.length), typed: "" };
    case "item":
      return { ...form, item: around(form.item, form.market.items.length), typed: "" };
    case "quantity": {
      const next = BigInt(/^[0-9]+$/.test(form.quantity) ? form.quantity : "0") + BigInt(step);
      return { ...form, quantity: String(next < 1n ? 1n : next) };
    }
    case "send":
      return form;
  }
}

function type(form: OrderForm, character: string): OrderForm {
  if (form.field === "quantity") {
    // The default is there to be typed over.
    const before = form.typed === "" ? "" : form.quantity;
    return { ...form, quantity: (before + character).slice(0, 20), typed: "typed" };
  }
  if (form.field === "send") return form;
  const typed = (form.typed + character).toLowerCase();
  const texts =
    form.field === "customer"
      ? form.market.customers.map(({ account }) => `${account.id} ${account.name}`)
      : form.market.items.map(({ item }) => `${item.sku} ${item.name}`);
  const found = texts.findIndex((text) => text.toLowerCase().includes(typed));
  if (found === -1) return { ...form, typed: "" };
  return form.field === "customer" ? { ...form, customer: found, typed } : { ...form, item: found, typed };
}
