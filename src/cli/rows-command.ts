import { printableJson } from "../codec/printable.ts";
import { TpcError } from "../core/errors.ts";
import { money } from "../schema/money.ts";
import type { AccountView, ItemView, ResourceRows } from "../schema/views.ts";
import { type ClusterAccess, nameOfKind, withClients } from "./open-client.ts";
import { type Column, textTable } from "./table.ts";

export interface RowsOptions extends ClusterAccess {
  readonly json?: boolean;
  /** Which warehouse or ledger, where there are several. */
  readonly name?: string;
}

const ITEM_COLUMNS: readonly Column<ItemView>[] = [
  { title: "SKU", align: "left", cell: (item) => item.sku },
  { title: "NAME", align: "left", cell: (item) => item.name },
  { title: "ON HAND", align: "right", cell: (item) => item.onHand },
  { title: "RESERVED", align: "right", cell: (item) => item.reserved },
  { title: "AVAILABLE", align: "right", cell: (item) => item.available },
  {
    title: "PRICE",
    align: "right",
    cell: (item) => (item.priceMinor === undefined ? "-" : money(item.priceMinor)),
  },
];

const ACCOUNT_COLUMNS: readonly Column<AccountView>[] = [
  { title: "ACCOUNT", align: "left", cell: (account) => account.id },
  { title: "NAME", align: "left", cell: (account) => account.name },
  { title: "TYPE", align: "left", cell: (account) => account.type },
  { title: "DEBITS", align: "right", cell: (account) => money(account.debitsPosted) },
  { title: "CREDITS", align: "right", cell: (account) => money(account.creditsPosted) },
  { title: "PENDING DEBITS", align: "right", cell: (account) => money(account.debitsPending) },
  { title: "PENDING CREDITS", align: "right", cell: (account) => money(account.creditsPending) },
  { title: "BALANCE", align: "right", cell: (account) => money(account.balance) },
  { title: "OVERDRAFT", align: "left", cell: (account) => (account.overdraft ? "yes" : "no") },
];

/**
 * Prints the items of a warehouse: an array with `--json`, else a table. Quantities are numbers, which hold every quantity
 * there can be exactly; prices are strings of minor units there.
 */
export async function showInventory(options: RowsOptions): Promise<number> {
  const rows = await readRows("warehouse", options);
  const items = rows.kind === "warehouse" ? rows.items : [];
  print(options.json ? printableJson(items.map(withNumbers), 2) : textTable(ITEM_COLUMNS, items, "no items"));
  return 0;
}

/** Prints the accounts of a ledger: an array with `--json`, else a table. Amounts are strings of minor units there. */
export async function showLedger(options: RowsOptions): Promise<number> {
  const rows = await readRows("ledger", options);
  const accounts = rows.kind === "ledger" ? rows.accounts : [];
  print(options.json ? printableJson(accounts, 2) : textTable(ACCOUNT_COLUMNS, accounts, "no accounts"));
  return 0;
}

function withNumbers(item: ItemView): object {
  const { onHand, reserved, available } = item;
  return { ...item, onHand: Number(onHand), reserved: Number(reserved), available: Number(available) };
}

function readRows(kind: ResourceRows["kind"], options: RowsOptions): Promise<ResourceRows> {
  return withClients(options, async (clients) => {
    const name = nameOfKind(clients.view, kind, options.name);
    const rows = await (await clients.at(name)).rows();
    if (rows?.kind === kind) return rows;
    throw new TpcError("TPC_PROTOCOL", `${name} is a ${kind} and shows no rows of one`);
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
