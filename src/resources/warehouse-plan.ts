import { reasonFor, reservedReason } from "../core/reasons.ts";
import type { Delta, Operation, ReadResult } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import { QUANTITY_MAX } from "./amounts.ts";
import { deltaOf } from "./deltas.ts";
import {
  entryOf,
  type OpFields,
  planOperations,
  type Read,
  readKey,
  readWhole,
  type Understanding,
} from "./operation.ts";
import { plain } from "./printable.ts";
import type { Plan } from "./resource.ts";
import { available, itemReading, type StockRow } from "./stock.ts";

const OP_FIELDS: OpFields = new Map([
  ["ship", ["sku", "quantity"]],
  ["receive", ["sku", "quantity"]],
  ["read", ["sku"]],
]);

const QUANTITY_RANGE = { min: 1n, max: QUANTITY_MAX } as const;

/** What one request moves of one item, all its operations together. */
interface Movement {
  readonly row: StockRow;
  readonly operation: Operation;
  shipped: bigint;
  received: bigint;
}

/**
 * Plans operations on items, by SKU. A request's own incoming goods never cover what it ships.
 * Refuses with `invalid-operation`, `unknown-item`, `insufficient-stock`, `stock-reserved` or `amount-overflow`.
 */
export function planWarehouse(rows: ReadonlyMap<string, StockRow>, operations: readonly Operation[]): Plan {
  return planOperations(UNDERSTANDING, rows, operations);
}

const UNDERSTANDING: Understanding<StockRow, Movement> = {
  fields: OP_FIELDS,
  read: readItem,
  enter: enterMovement,
  findInvalid,
  findReserved,
  redoOf,
  undoOf,
};

function readItem(rows: ReadonlyMap<string, StockRow>, operation: Operation): Read<ReadResult> {
  const found = findRow(rows, operation);
  if ("reason" in found) return found;
  const { participant, op } = operation;
  return { value: { participant, op, ...itemReading(found.value) } };
}

function enterMovement(
  rows: ReadonlyMap<string, StockRow>,
  movements: Movement[],
  operation: Operation,
): Reason | null {
  const found = findRow(rows, operation);
  if ("reason" in found) return found.reason;
  const row = found.value;
  const quantity = readWhole(operation, "quantity", QUANTITY_RANGE);
  if ("reason" in quantity) return quantity.reason;
  const movement = movementOf(movements, row, operation);
  movement[operation.op === "ship" ? "shipped" : "received"] += quantity.value;
  return null;
}

function movementOf(movements: Movement[], row: StockRow, operation: Operation): Movement {
  const known = entryOf(movements, row);
  if (known !== undefined) return known;
  const movement = { row, operation, shipped: 0n, received: 0n };
  movements.push(movement);
  return movement;
}

function findRow(rows: ReadonlyMap<string, StockRow>, operation: Operation): Read<StockRow> {
  const sku = readKey(operation, "sku");
  if ("reason" in sku) return sku;
  const row = rows.get(sku.value);
  if (row !== undefined) return { value: row };
  const message = `${operation.participant} has no item ${plain(sku.value)}`;
  return { reason: reasonFor(operation.participant, "unknown-item", message) };
}

function findInvalid({ row, operation, shipped, received }: Movement): Reason | null {
  const { onHand, incoming } = row.amounts;
  const { sku } = row.item;
  if (shipped > onHand) {
    const message = `${operation.participant} has ${onHand} of ${plain(sku)} on hand, ${shipped} asked`;
    return reasonFor(operation.participant, "insufficient-stock", message);
  }
  if (received > 0n && onHand + incoming + received > QUANTITY_MAX) {
    const has = `${operation.participant} has ${onHand} of ${plain(sku)} on hand and ${incoming} incoming`;
    return reasonFor(
      operation.participant,
      "amount-overflow",
      `${has}, ${received} more would exceed ${QUANTITY_MAX}`,
    );
  }
  return null;
}

function findReserved({ row, operation, shipped }: Movement): Reason | null {
  const { onHand, reserved } = row.amounts;
  if (shipped <= available(row.amounts)) return null;
  const has = `${operation.participant} has ${onHand} of ${plain(row.item.sku)} on hand`;
  const message = `${has}, ${reserved} reserved by others, ${shipped} asked`;
  return reservedReason(operation.participant, "stock-reserved", message, row.item.sku);
}

function redoOf({ row, shipped, received }: Movement): Delta {
  return deltaOf(row.item.sku, { onHand: received - shipped, reserved: -shipped, incoming: -received });
}

function undoOf({ row, shipped, received }: Movement): Delta {
  return deltaOf(row.item.sku, { reserved: -shipped, incoming: -received });
}
