import { reasonFor, reservedReason } from "../core/reasons.ts";
import type { Delta, Operation, ReadResult } from "../schema/operations.ts";
import type { Reason } from "../schema/reasons.ts";
import { parseWhole, QUANTITY_MAX } from "./amounts.ts";
import {
  findRow,
  noRow,
  notWhole,
  type OpFields,
  planOperations,
  type Read,
  type Understanding,
} from "./operation.ts";
import { plain } from "./printable.ts";
import type { Plan } from "./resource.ts";
import { available, itemReading, type StockRow } from "./stock.ts";
import { lessOf, minus, plus, type Whole } from "./whole.ts";

const OP_FIELDS: OpFields = new Map([
  ["ship", ["sku", "quantity"]],
  ["receive", ["sku", "quantity"]],
  ["read", ["sku"]],
]);

const QUANTITY_RANGE = { min: 1, max: QUANTITY_MAX } as const;

/** What one request moves of one item, all its operations together. */
interface Movement {
  readonly row: StockRow;
  readonly operation: Operation;
  shipped: Whole;
  received: Whole;
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
  merge: mergeMovements,
  findInvalid,
  findReserved,
  redoOf,
  undoOf,
};

function readItem(rows: ReadonlyMap<string, StockRow>, operation: Operation): Read<ReadResult> {
  const row = findRow(rows, operation.sku);
  if (row === undefined) return { reason: noItem(operation) };
  const { participant, op } = operation;
  return { value: { participant, op, ...itemReading(row) } };
}

function enterMovement(rows: ReadonlyMap<string, StockRow>, operation: Operation): Movement[] | Reason {
  const row = findRow(rows, operation.sku);
  if (row === undefined) return noItem(operation);
  const quantity = parseWhole(operation.quantity, QUANTITY_RANGE);
  if (quantity === null) return notWhole(operation, "quantity", QUANTITY_RANGE);
  const isShipped = operation.op === "ship";
  return [{ row, operation, shipped: isShipped ? quantity : 0, received: isShipped ? 0 : quantity }];
}

function noItem(operation: Operation): Reason {
  const { participant } = operation;
  return noRow(operation, "sku", (sku) =>
    reasonFor(participant, "unknown-item", `${participant} has no item ${plain(sku)}`),
  );
}

function mergeMovements(movement: Movement, { shipped, received }: Movement): void {
  movement.shipped = plus(movement.shipped, shipped);
  movement.received = plus(movement.received, received);
}

function findInvalid({ row, operation, shipped, received }: Movement): Reason | null {
  const { onHand, incoming } = row;
  const { sku } = row.item;
  if (shipped > onHand) {
    const message = `${operation.participant} has ${onHand} of ${plain(sku)} on hand, ${shipped} asked`;
    return reasonFor(operation.participant, "insufficient-stock", message);
  }
  if (received > 0 && plus(plus(onHand, incoming), received) > QUANTITY_MAX) {
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
  const { onHand, reserved } = row;
  if (shipped <= available(row)) return null;
  const has = `${operation.participant} has ${onHand} of ${plain(row.item.sku)} on hand`;
  const message = `${has}, ${reserved} reserved by others, ${shipped} asked`;
  return reservedReason(operation.participant, "stock-reserved", message, row.item.sku);
}

/** Fields that would stay as they are are left out. */
function redoOf({ row, shipped, received }: Movement): Delta {
  const key = row.item.sku;
  if (received === 0) return { key, add: { onHand: lessOf(shipped), reserved: lessOf(shipped) } };
  if (shipped === 0) return { key, add: { onHand: String(received), incoming: lessOf(received) } };
  const holds = { reserved: lessOf(shipped), incoming: lessOf(received) };
  if (shipped === received) return { key, add: holds };
  return { key, add: { onHand: String(minus(received, shipped)), ...holds } };
}

function undoOf({ row, shipped, received }: Movement): Delta {
  const key = row.item.sku;
  if (received === 0) return { key, add: { reserved: lessOf(shipped) } };
  if (shipped === 0) return { key, add: { incoming: lessOf(received) } };
  return { key, add: { reserved: lessOf(shipped), incoming: lessOf(received) } };
}
