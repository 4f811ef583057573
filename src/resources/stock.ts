import type { ItemView } from "../schema/views.ts";
import { QUANTITY_MAX } from "./amounts.ts";

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
export type StockField = (typeof STOCK_FIELDS)[number];
export type Quantities = Record<StockField, bigint>;

/** An item as the warehouse keeps it. */
export interface StockRow {
  readonly item: Omit<StockItem, "onHand">;
  amounts: Quantities;
}

export function available({ onHand, reserved }: Quantities): bigint {
  return onHand - reserved;
}

export function itemView({ item, amounts }: StockRow): ItemView {
  return {
    ...item,
    onHand: String(amounts.onHand),
    reserved: String(amounts.reserved),
    available: String(available(amounts)),
  };
}

/** What a `read` tells of an item: quantities as numbers, which hold every one of them exactly. */
export function itemReading({ item, amounts }: StockRow) {
  const { onHand, reserved } = amounts;
  return {
    ...item,
    onHand: Number(onHand),
    reserved: Number(reserved),
    available: Number(available(amounts)),
  };
}

/** The rule that quantities of an item break, in words; null when they keep all. */
export function findBrokenStock(sku: string, quantities: Quantities): string | null {
  const { onHand, reserved, incoming } = quantities;
  for (const field of STOCK_FIELDS) {
    if (quantities[field] < 0n) return `${sku}: ${field} is ${quantities[field]}`;
  }
  if (reserved > onHand) return `${sku}: ${reserved} reserved of ${onHand} on hand`;
  if (onHand + incoming > QUANTITY_MAX) {
    return `${sku}: ${onHand} on hand and ${incoming} incoming are more than ${QUANTITY_MAX}`;
  }
  return null;
}
