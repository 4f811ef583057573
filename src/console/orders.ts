import type { Model } from "../observe/model.ts";
import type { NodeName } from "../schema/ids.ts";
import { money } from "../schema/money.ts";
import type { Operation } from "../schema/operations.ts";
import type { AccountView, ItemView } from "../schema/views.ts";

/** What an order can be made of: items with a price, customers, and where the money goes. */
export interface Market {
  readonly items: readonly { readonly node: NodeName; readonly item: ItemView }[];
  readonly customers: readonly { readonly node: NodeName; readonly account: AccountView }[];
  readonly revenue: AccountView;
}

/** One order in the making. */
export interface OrderChoice {
  readonly customer: Market["customers"][number];
  readonly item: Market["items"][number];
  readonly quantity: bigint;
}

/** Null with the reason while stock or accounts are not known, or hold nothing that can be sold. */
export function marketOf(model: Model): { market: Market } | { problem: string } {
  const items = [...model.items].flatMap(([node, rows]) =>
    [...rows.values()].map((item) => ({ node, item })),
  );
  const priced = items.filter(({ item }) => item.priceMinor !== undefined);
  const [ledger] = [...model.accounts];
  if (items.length === 0) return { problem: "no stock is known yet: no warehouse is heard" };
  if (priced.length === 0) return { problem: "no item has a price" };
  if (ledger === undefined || ledger[1].size === 0)
    return { problem: "no account is known yet: no ledger is heard" };
  const accounts = [...ledger[1].values()];
  const revenue = accounts.find((account) => account.type === "revenue");
  if (revenue === undefined) return { problem: "the ledger has no revenue account" };
  const customers = customersOf(accounts, revenue).map((account) => ({ node: ledger[0], account }));
  if (customers.length === 0) return { problem: "the ledger has no account that could pay" };
  return { market: { items: priced, customers, revenue } };
}

/** Accounts named as customers; else all liabilities, for a prepaid balance is one; else whatever is not revenue. */
function customersOf(accounts: readonly AccountView[], revenue: AccountView): readonly AccountView[] {
  const named = accounts.filter((account) => /customer/i.test(`${account.id} ${account.name}`));
  if (named.length > 0) return named;
  const liabilities = accounts.filter((account) => account.type === "liability");
  return liabilities.length > 0 ? liabilities : accounts.filter((account) => account !== revenue);
}

/** The first customer who can pay for one of the first available item. */
export function defaultChoice(market: Market): { customer: number; item: number } {
  const item = Math.max(
    0,
    market.items.findIndex((each) => BigInt(each.item.available) > 0n),
  );
  const price = BigInt(market.items[item]?.item.priceMinor ?? "0");
  const customer = market.customers.findIndex((each) => BigInt(each.account.balance) >= price);
  return { customer: Math.max(0, customer), item };
}

/** Minor units. */
export function priceOf({ item, quantity }: OrderChoice): bigint {
  return BigInt(item.item.priceMinor ?? "0") * quantity;
}

/** Ships the goods and moves their price from the customer to revenue. */
export function orderOperations(market: Market, choice: OrderChoice): readonly Operation[] {
  const { customer, item, quantity } = choice;
  const ship = { participant: item.node, op: "ship", sku: item.item.sku, quantity: Number(quantity) };
  const transfer = {
    participant: customer.node,
    op: "transfer",
    debit: customer.account.id,
    credit: market.revenue.id,
    amount: String(priceOf(choice)),
  };
  return [ship, transfer];
}

/** `2 LAMP-01 for alice, 49.80`. */
export function orderLabel(choice: OrderChoice): string {
  const { customer, item, quantity } = choice;
  return `${quantity} ${item.item.sku} for ${customer.account.id}, ${money(String(priceOf(choice)))}`;
}

/** Orders of one to three pieces that stock and balances can bear together; fewer when they run out. */
export function randomOrders(
  market: Market,
  count: number,
  random: () => number,
): readonly (readonly Operation[])[] {
  const stock = new Map(market.items.map((each) => [each, BigInt(each.item.available)]));
  const funds = new Map(market.customers.map((each) => [each, BigInt(each.account.balance)]));
  const orders: (readonly Operation[])[] = [];
  for (let made = 0; made < count; made += 1) {
    const item = pick(
      market.items.filter((each) => (stock.get(each) ?? 0n) > 0n),
      random,
    );
    if (item === undefined) break;
    const price = BigInt(item.item.priceMinor ?? "0");
    const customer = pick(
      market.customers.filter((each) => (funds.get(each) ?? 0n) >= price),
      random,
    );
    if (customer === undefined) {
      stock.delete(item);
      continue;
    }
    const left = stock.get(item) ?? 0n;
    const affordable = price === 0n ? left : (funds.get(customer) ?? 0n) / price;
    const wanted = BigInt(1 + Math.floor(random() * 3));
    const quantity = [wanted, left, affordable].reduce((a, b) => (b < a ? b : a));
    stock.set(item, left - quantity);
    funds.set(customer, (funds.get(customer) ?? 0n) - price * quantity);
    orders.push(orderOperations(market, { customer, item, quantity }));
  }
  return orders;
}

function pick<Item>(items: readonly Item[], random: () => number): Item | undefined {
  return items[Math.floor(random() * items.length)];
}
