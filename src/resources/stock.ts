import type { ItemView } from "../schema/views.ts";
import { QUANTITY_MAX } from "./amounts.ts";
import type { Books } from "./rows.ts";
import { minus, plus, type Whole } from "./whole.ts";

/** An item as it starts. Quantities and prices are whole numbers up to 2^53 − 1 as decimal strings. */
export interface StockItem {
  readonly sku: string;
  readonly name: string;
  readonly onHand: string;
  /** Minor units of the currency. */
  readonly priceMinor?: string;
}

/** What deltas change. `incoming` is held by prepared `receive` operations, so that two of them cannot overflow together. */
export const STOCK_FIELDS = ["onHand", "reserved", "incoming"] as const;
export type Quantities = Record<(typeof STOCK_FIELDS)[number], Whole>;

/** An item as the warehouse keeps it. */
export interface StockRow extends Quantities {
  readonly item: Omit<StockItem, "onHand">;
}

export function available({ onHand, reserved }: Quantities): Whole {
  return minus(onHand, reserved);
}

export function itemView(row: StockRow): ItemView {
  return {
    ...row.item,
    onHand: String(row.onHand),
    reserved: String(row.reserved),
    available: String(available(row)),
  };
}

/** What a `read` tells of an item: quantities as numbers, which hold every one of them exactly. */
export function itemReading(row: StockRow) {
  return {
    ...row.item,
    onHand: Number(row.onHand),
    reserved: Number(row.reserved),
    available: Number(available(row)),
  };
}

/** How deltas change items. Goods come and go: there is nothing that all of them keep together. */
export const STOCK_BOOKS: Books<StockRow> = {
  add(row, field, quantity) {
    switch (field) {
      case "onHand":
        row.onHand = plus(row.onHand, quantity);
        return true;
      case "reserved":
        row.reserved = plus(row.reserved, quantity);
        return true;
      case "incoming":
        row.incoming = plus(row.incoming, quantity);
        return true;
      default:
        return false;
    }
  },
  findBroken: findBrokenStock,
  findUnbalanced: () => null,
};

/** The rule that an item breaks, in words; null when it keeps all. */
export function findBrokenStock(row: StockRow): string | null {
  const { onHand, reserved, incoming } = row;
  const { sku } = row.item;
  if (onHand < 0 || reserved < 0 || incoming < 0) {
    const fields = STOCK_FIELDS.filter((field) => row[field] < 0);
    return fields.map((field) => `${sku}: ${field} is ${row[field]}`).join(", ");
  }
  if (reserved > onHand) return `${sku}: ${reserved} reserved of ${onHand} on hand`;
  if (plus(onHand, incoming) > QUANTITY_MAX) {
    return `${sku}: ${onHand} on hand and ${incoming} incoming are more than ${QUANTITY_MAX}`;
  }
  return null;
}
