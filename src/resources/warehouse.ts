import { invariant } from "../core/errors.ts";
import { parseWhole, QUANTITY_MAX } from "./amounts.ts";
import type { FieldReader } from "./field-reader.ts";
import type { Resource } from "./resource.ts";
import { changeRows, imagesOf, indexRows, pickRows, readImage } from "./rows.ts";
import {
  findBrokenStock,
  itemView,
  STOCK_BOOKS,
  STOCK_FIELDS,
  type StockItem,
  type StockRow,
} from "./stock.ts";
import { planWarehouse } from "./warehouse-plan.ts";

const IMAGE_COLUMNS = { required: ["sku", "name", ...STOCK_FIELDS], optional: ["priceMinor"] } as const;
const QUANTITY_RANGE = { min: 0, max: QUANTITY_MAX } as const;

/**
 * Keeps stock. Operations: `ship` and `receive` with `sku` and `quantity` (a whole number from 1 to 2^53 − 1, as a
 * number or as digits), `read` with `sku`. Any number of prepared transactions may hold the same item.
 * Throws TPC_INTERNAL when two items have one SKU or a quantity is out of range.
 */
export function createWarehouse(items: readonly StockItem[]): Resource {
  let rows = indexRows(items.map(startRow), skuOf);
  return {
    kind: "warehouse",
    plan: (operations) => planWarehouse(rows, operations),
    apply(deltas) {
      changeRows(rows, deltas, "add", STOCK_BOOKS);
    },
    hold(undo) {
      changeRows(rows, undo, "take off", STOCK_BOOKS);
    },
    rows: (keys) => ({ kind: "warehouse", items: pickRows(rows, keys).map(itemView) }),
    image: () => imagesOf(rows, rowImage),
    restore(image) {
      rows = indexRows(readImage(image, IMAGE_COLUMNS, "sku", readRow), skuOf);
    },
    violations: () => pickRows(rows).flatMap((row) => findBrokenStock(row) ?? []),
  };
}

function skuOf(row: StockRow): string {
  return row.item.sku;
}

function startRow({ sku, name, onHand, priceMinor }: StockItem): StockRow {
  const quantity = parseWhole(onHand, QUANTITY_RANGE);
  invariant(quantity !== null, `${sku} starts with ${onHand} on hand`);
  const item = { sku, name, ...(priceMinor === undefined ? {} : { priceMinor }) };
  return { item, onHand: quantity, reserved: 0, incoming: 0 };
}

function rowImage({ item, onHand, reserved, incoming }: StockRow): object {
  return {
    ...item,
    onHand: String(onHand),
    reserved: String(reserved),
    incoming: String(incoming),
  };
}

function readRow(fields: FieldReader): StockRow {
  const price = fields.optionalWhole("priceMinor", QUANTITY_RANGE);
  return {
    item: {
      sku: fields.text("sku"),
      name: fields.text("name"),
      ...(price === null ? {} : { priceMinor: String(price) }),
    },
    onHand: fields.whole("onHand", QUANTITY_RANGE),
    reserved: fields.whole("reserved", QUANTITY_RANGE),
    incoming: fields.whole("incoming", QUANTITY_RANGE),
  };
}
