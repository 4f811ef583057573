import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import type { TestCluster } from "../crash-matrix/cluster.ts";

/** One pencil and one cent, of which there are enough for thousands of orders. */
export const GOODS: readonly Operation[] = [
  { participant: "warehouse" as NodeName, op: "ship", sku: "PENCIL-01", quantity: 1 },
  {
    participant: "ledger" as NodeName,
    op: "transfer",
    debit: "customer-ada",
    credit: "revenue",
    amount: "1",
  },
];

/** Clients that order one thing after the other. */
export interface OrderLoad {
  /** Orders that were told an outcome, and those of them that are committed. */
  told(): number;
  committed(): number;
  /** Milliseconds since the last outcome was told. */
  idleMs(): number;
  /** Resolves when every client has its last outcome. */
  stop(): Promise<void>;
}

export function startOrders(nodes: TestCluster, clients: number): OrderLoad {
  const told: string[] = [];
  let toldAtMs = performance.now();
  let isOver = false;
  const order = async () => {
    while (!isOver) {
      told.push((await nodes.order(GOODS)).outcome);
      toldAtMs = performance.now();
    }
  };
  const ended = Promise.all(Array.from({ length: clients }, order));
  return {
    told: () => told.length,
    committed: () => told.filter((outcome) => outcome === "committed").length,
    idleMs: () => performance.now() - toldAtMs,
    async stop() {
      isOver = true;
      await ended;
    },
  };
}
