import { TpcError } from "../core/errors.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { AccountView, ItemView } from "../schema/views.ts";
import type { Holdings } from "./conservation.ts";
import type { Cast } from "./ports.ts";

/** What a scenario trades in, found in whatever the cluster keeps. */
export interface Market {
  readonly item: ItemView;
  readonly customer: AccountView;
  readonly revenue: AccountView;
}

/**
 * Chooses the item with most stock available, a customer's account with most money (a liability: a debit spends
 * it) and a revenue account. Throws TPC_BAD_INPUT where the cluster has none.
 */
export function chooseMarket({ items, accounts }: Holdings): Market {
  const item = richest(items, (candidate) => BigInt(candidate.available));
  const payers = accounts.filter((account) => account.type === "liability" && !account.overdraft);
  const customers = payers.filter((account) => account.id.startsWith("customer"));
  const customer = richest(customers.length > 0 ? customers : payers, (account) => BigInt(account.balance));
  const revenue = accounts.find((account) => account.type === "revenue");
  if (item === null || customer === null || revenue === undefined) {
    throw new TpcError(
      "TPC_BAD_INPUT",
      "scenarios need an item in stock, a liability account with money and a revenue account",
    );
  }
  return { item, customer, revenue };
}

function richest<Row>(rows: readonly Row[], wealth: (row: Row) => bigint): Row | null {
  let best: Row | null = null;
  for (const row of rows) if (wealth(row) > (best === null ? 0n : wealth(best))) best = row;
  return best;
}

/** Ships goods and moves their price from the customer to revenue. */
export function order(cast: Cast, market: Market, quantity: bigint): readonly Operation[] {
  const amount = BigInt(market.item.priceMinor ?? "1") * quantity;
  return [ship(cast, market.item.sku, quantity), pay(cast, market, amount)];
}

export function ship(cast: Cast, sku: string, quantity: bigint): Operation {
  return operation(cast.warehouse, "ship", { sku, quantity: String(quantity) });
}

export function receive(cast: Cast, sku: string, quantity: bigint): Operation {
  return operation(cast.warehouse, "receive", { sku, quantity: String(quantity) });
}

/** Moves `amount` minor units from the customer to revenue. */
export function pay(cast: Cast, { customer, revenue }: Market, amount: bigint): Operation {
  return operation(cast.ledger, "transfer", {
    debit: customer.id,
    credit: revenue.id,
    amount: String(amount),
  });
}

export function readItem(cast: Cast, sku: string): Operation {
  return operation(cast.warehouse, "read", { sku });
}

export function readAccount(cast: Cast, account: string): Operation {
  return operation(cast.ledger, "read", { account });
}

function operation(participant: NodeName, op: string, fields: Readonly<Record<string, string>>): Operation {
  return { ...fields, participant, op };
}
