import type { NodeName } from "../schema/ids.ts";
import type { Operation } from "../schema/operations.ts";
import { normalSide, type OpeningAccount, openingBalance } from "./account.ts";
import type { StockItem } from "./stock.ts";

/** The stock of a small shop for writing and reading. Prices in cents; one item is scarce and one sold out. */
export const SAMPLE_ITEMS: readonly StockItem[] = [
  { sku: "LAMP-01", name: "Desk lamp, brass", onHand: "40", priceMinor: "4900" },
  { sku: "LAMP-02", name: "Reading lamp, clip-on", onHand: "25", priceMinor: "2750" },
  { sku: "CHAIR-01", name: "Swivel chair, oak", onHand: "12", priceMinor: "18900" },
  { sku: "DESK-01", name: "Standing desk, 140 cm", onHand: "6", priceMinor: "42500" },
  { sku: "CLOCK-01", name: "Wall clock, walnut", onHand: "3", priceMinor: "12900" },
  { sku: "GLOBE-01", name: "Globe, illuminated", onHand: "0", priceMinor: "8900" },
  { sku: "SHELF-01", name: "Bookshelf, five boards", onHand: "9", priceMinor: "15900" },
  { sku: "ENDS-01", name: "Bookends, cast iron, pair", onHand: "60", priceMinor: "2400" },
  { sku: "PEN-01", name: "Fountain pen, fine nib", onHand: "80", priceMinor: "3600" },
  { sku: "INK-01", name: "Ink, blue-black, 50 ml", onHand: "200", priceMinor: "1150" },
  { sku: "PAPER-01", name: "Writing paper, 500 sheets", onHand: "350", priceMinor: "890" },
  { sku: "PENCIL-01", name: "Pencils HB, box of 12", onHand: "2400", priceMinor: "520" },
];

/**
 * The shop's books in cents, some months into a year. Customers pay in advance, so their accounts are liabilities: an
 * order debits the customer's and credits the revenue account. One customer is nearly out of funds, one may overdraw.
 */
export const SAMPLE_ACCOUNTS: readonly OpeningAccount[] = [
  open("cash", "Cash at bank", "asset", 2_500_000),
  open("inventory", "Goods for sale", "asset", 1_180_000),
  open("equipment", "Shop equipment", "asset", 320_000),
  open("customer-ada", "Ada Bright, prepaid", "liability", 150_000),
  open("customer-ben", "Ben Okoro, prepaid", "liability", 60_000),
  open("customer-cleo", "Cleo Lindt, prepaid", "liability", 900),
  { ...open("customer-dora", "Dora & Sons, on account", "liability", 25_000), overdraft: true },
  open("suppliers", "Owed to suppliers", "liability", 264_100),
  open("sales-tax", "Sales tax to be paid", "liability", 50_000),
  open("capital", "Owner's capital", "equity", 3_300_000),
  open("revenue", "Sales", "revenue", 640_000),
  open("goods-sold", "Cost of goods sold", "expense", 310_000),
  open("rent", "Rent", "expense", 180_000),
];

const WAREHOUSE = "warehouse" as NodeName;
const LEDGER = "ledger" as NodeName;

/**
 * An order that can commit: one piece of the first item that is in stock and has a price, paid from the first liability
 * that covers it to the first revenue account. Empty where there is no such item or account.
 */
export function defaultOrder(items: readonly StockItem[], accounts: readonly OpeningAccount[]): Operation[] {
  const revenue = accounts.find((account) => account.type === "revenue");
  const item = items.find(({ onHand, priceMinor }) => onHand !== "0" && BigInt(priceMinor ?? 0) > 0n);
  if (revenue === undefined || item?.priceMinor === undefined) return [];
  const price = item.priceMinor;
  const customer = accounts.find(
    (account) => account.type === "liability" && openingBalance(account) >= BigInt(price),
  );
  if (customer === undefined) return [];
  return [
    operation(WAREHOUSE, "ship", { sku: item.sku, quantity: 1 }),
    operation(LEDGER, "transfer", { debit: customer.id, credit: revenue.id, amount: price }),
  ];
}

function operation(participant: NodeName, op: string, fields: Record<string, string | number>): Operation {
  return { participant, op, ...fields };
}

function open(id: string, name: string, type: OpeningAccount["type"], balanceMinor: number): OpeningAccount {
  const onDebit = normalSide(type) === "debit";
  return {
    id,
    name,
    type,
    debitsPosted: String(onDebit ? balanceMinor : 0),
    creditsPosted: String(onDebit ? 0 : balanceMinor),
    overdraft: false,
  };
}
