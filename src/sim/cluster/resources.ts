import { createLedger } from "../../resources/ledger.ts";
import { createWarehouse } from "../../resources/warehouse.ts";
import type { Resource } from "../../runtime/ports.ts";
import type { NodeKind } from "../../schema/views.ts";
import { STARTING_ACCOUNTS, STARTING_ITEMS } from "./orders.ts";

/** What a node of that kind keeps when it is new. */
export function openResource(kind: NodeKind): Resource | null {
  if (kind === "coordinator") return null;
  return kind === "warehouse" ? createWarehouse(STARTING_ITEMS) : createLedger(STARTING_ACCOUNTS);
}
