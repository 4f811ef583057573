import { TpcError } from "../core/errors.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import type { AccountView, ItemView, ResourceRows } from "../schema/views.ts";
import { type Mixture, placeOf, type TransactionKind } from "./mixture.ts";

/** A participant, and which of its rows the load uses. */
export type Stock =
  | { readonly name: NodeName; readonly kind: "warehouse"; readonly skus: readonly string[] }
  | { readonly name: NodeName; readonly kind: "ledger"; readonly pairs: readonly AccountPair[] };

/** An account that debits make larger, and one that credits do. */
export interface AccountPair {
  readonly debit: string;
  readonly credit: string;
}

export interface Planned {
  readonly kind: TransactionKind;
  readonly operations: Operation[];
}

/**
 * The transaction with this number: one operation for each participant. One update receives and posts, the next takes the
 * same back, so that a load leaves things as they were, but for one update at most.
 */
export function planTransaction(stocks: readonly Stock[], mixture: Mixture, index: number): Planned {
  const { kind, before } = placeOf(index, mixture);
  const operations = stocks.map((stock, place) => {
    const impossible = kind === "abort" && place === 0;
    return stock.kind === "warehouse"
      ? warehouseOperation(stock, kind, before, impossible)
      : ledgerOperation(stock, kind, before, impossible);
  });
  return { kind, operations };
}

const NO_SUCH = "no-such-row";

function warehouseOperation(
  { name, skus }: Extract<Stock, { kind: "warehouse" }>,
  kind: TransactionKind,
  before: number,
  impossible: boolean,
): Operation {
  const sku = impossible ? NO_SUCH : rowOf(skus, before);
  if (kind === "read") return { participant: name, op: "read", sku };
  return { participant: name, op: isForward(before) ? "receive" : "ship", sku, quantity: 1 };
}

function ledgerOperation(
  { name, pairs }: Extract<Stock, { kind: "ledger" }>,
  kind: TransactionKind,
  before: number,
  impossible: boolean,
): Operation {
  const pair = rowOf(pairs, before);
  if (kind === "read") return { participant: name, op: "read", account: pair.debit };
  const [debit, credit] = isForward(before) ? [pair.debit, pair.credit] : [pair.credit, pair.debit];
  return { participant: name, op: "transfer", debit: impossible ? NO_SUCH : debit, credit, amount: "1" };
}

function isForward(before: number): boolean {
  return before % 2 === 0;
}

/** A stride that has no divisor in common with usual counts of rows: every row has its turn. */
const STRIDE = 7_919;

function rowOf<Row>(rows: readonly Row[], before: number): Row {
  const row = rows[(Math.floor(before / 2) * STRIDE) % rows.length];
  if (row === undefined) throw new TypeError("a stock without rows was planned with");
  return row;
}

/**
 * What of a participant's rows can bear `inFlight` transactions at once: taking back comes before receiving where they overtake
 * each other. With `hot` only the first. Throws TPC_USAGE where nothing can.
 */
export function chooseRows(name: NodeName, rows: ResourceRows | null, inFlight: number, hot: boolean): Stock {
  if (rows === null) throw new TpcError("TPC_USAGE", `${name} keeps nothing that could be moved`);
  const stock: Stock =
    rows.kind === "warehouse"
      ? { name, kind: "warehouse", skus: chooseItems(rows.items, inFlight).slice(0, hot ? 1 : undefined) }
      : { name, kind: "ledger", pairs: choosePairs(rows.accounts, inFlight).slice(0, hot ? 1 : undefined) };
  if ((stock.kind === "warehouse" ? stock.skus : stock.pairs).length > 0) return stock;
  const what =
    stock.kind === "warehouse"
      ? `item with ${inFlight} pieces available`
      : `two accounts that hold ${inFlight}`;
  throw new TpcError("TPC_USAGE", `${name} has no ${what}: choose less --concurrency`);
}

function chooseItems(items: readonly ItemView[], inFlight: number): string[] {
  return items.filter(({ available }) => BigInt(available) >= inFlight).map(({ sku }) => sku);
}

function choosePairs(accounts: readonly AccountView[], inFlight: number): AccountPair[] {
  const able = accounts.filter(({ balance, overdraft }) => overdraft || BigInt(balance) >= inFlight);
  const grownByDebits = able.filter(({ type }) => type === "asset" || type === "expense");
  const grownByCredits = able.filter(({ type }) => type !== "asset" && type !== "expense");
  const count = Math.min(grownByDebits.length, grownByCredits.length);
  return grownByDebits.slice(0, count).map(({ id }, place) => ({
    debit: id,
    credit: grownByCredits[place]?.id ?? "",
  }));
}
