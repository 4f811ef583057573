import { QUANTITY_MAX } from "./amounts.ts";
import { checkRows, type FieldReader } from "./field-reader.ts";
import type { Parsed } from "./problem.ts";
import { type FileOrigin, readRawRows } from "./raw-rows.ts";
import type { StockItem } from "./stock.ts";

const COLUMNS = { required: ["sku", "name", "onHand"], optional: ["priceMinor"] } as const;

/**
 * Reads a starting stock: CSV with a header line, or a JSON array of objects, with the fields `sku`, `name`, `onHand`
 * and, optionally, `priceMinor` in minor units. Gives every problem, not only the first.
 */
export function parseInventory(text: string, origin: FileOrigin): Parsed<StockItem> {
  return checkRows(origin.source, readRawRows(text, origin, COLUMNS), "sku", readItem);
}

function readItem(fields: FieldReader): StockItem {
  const price = fields.optionalWhole("priceMinor", { min: 0, max: QUANTITY_MAX });
  return {
    sku: fields.text("sku"),
    name: fields.text("name"),
    onHand: String(fields.whole("onHand", { min: 0, max: QUANTITY_MAX })),
    ...(price === null ? {} : { priceMinor: String(price) }),
  };
}
