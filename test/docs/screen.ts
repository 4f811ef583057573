import { frameRows } from "../../src/console/frame.ts";
import { plainText } from "../../src/console/row.ts";
import { initialUi } from "../../src/console/ui.ts";
import { emptyModel } from "../../src/observe/model.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { reduceAll } from "../../src/observe/reducer.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Operation } from "../../src/schema/operations.ts";
import { createWorld } from "../../src/sim/world/world.ts";

const COLUMNS = 120;
const ROWS = 34;

/** The console's dashboard over production nodes: an order refused, one committed, and one that a dead coordinator left in doubt. */
export function dashboard(): string {
  process.env.TZ = "UTC";
  const world = createWorld();
  for (const name of ["coordinator", "warehouse", "ledger"] as const) world.addNode(name, name);
  const all = Number.POSITIVE_INFINITY;
  const begin = (requestId: string, operations: readonly Operation[]) => {
    world.begin("coordinator", { requestId, operations, timeoutMs: 30_000, isAgain: false });
  };
  begin("order-1", order("CLOCK-01", 4, "customer-ada", "51600"));
  world.deliver(all);
  world.advance(1_500);
  begin("order-2", order("LAMP-01", 2, "customer-ada", "9800"));
  world.deliver(all);
  world.advance(2_000);
  world.arm("coordinator", "crash-after-decision");
  begin("order-3", order("CHAIR-01", 1, "customer-ada", "18900"));
  world.deliver(all);
  world.advance(3_000);
  const view = {
    model: reduceAll(emptyModel(), [...world.updates(), ...processes()], 6_500),
    ui: initialUi(),
    nowMs: 6_500,
    clusterName: "demo",
    readOnly: false,
    hasControl: true,
  };
  const rows = frameRows(view, COLUMNS, ROWS).map((row) => plainText(row).trimEnd());
  return ["```text", ...rows, "```"].join("\n");
}

/** What a supervisor would say: all three were started, and the coordinator is dead. */
function processes(): WatchUpdate[] {
  const names = ["coordinator", "warehouse", "ledger"] as const;
  const views = names.map((kind, index): WatchUpdate => {
    const isDown = kind === "coordinator";
    const exit = isDown ? { code: null, signal: "SIGKILL" } : null;
    const state = isDown ? "down" : "up";
    const pid = isDown ? null : 4_120 + index;
    const url = `ws://127.0.0.1:${7_420 + index}`;
    return {
      type: "process",
      process: { name: kind as NodeName, kind, state, sinceMs: 0, pid, url, exit, restarts: 0, logTail: [] },
    };
  });
  return [{ type: "disconnected", node: "coordinator" as NodeName, why: "gone" }, ...views];
}

function order(sku: string, quantity: number, debit: string, amount: string): Operation[] {
  return [
    { participant: "warehouse" as NodeName, op: "ship", sku, quantity },
    { participant: "ledger" as NodeName, op: "transfer", debit, credit: "revenue", amount },
  ];
}
