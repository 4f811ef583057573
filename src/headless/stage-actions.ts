import { TpcError } from "../core/errors.ts";
import type { ClusterControl } from "../observe/ports.ts";
import type { TransactionView } from "../schema/views.ts";
import type { Holdings } from "./conservation.ts";
import { chooseMarket } from "./market.ts";
import type { HeadlessPorts } from "./ports.ts";
import type { Stage } from "./scenario.ts";

/** How many transactions of a node are searched for one that has just begun. */
const RECENT = 50;

type ClusterActions = Pick<Stage, "holdings" | "market" | "arm" | "refused" | "crashed" | "kill" | "restart">;

/** What a stage asks of a cluster and does to it. */
export function clusterActions(ports: HeadlessPorts, waitFor: Stage["waitFor"]): ClusterActions {
  return {
    holdings: () => readHoldings(ports),
    market: async () => chooseMarket(await readHoldings(ports)),
    arm: (node, fault, count = 1) => ports.operator.armFault(node, fault, count),
    async refused(node, requestId) {
      await waitFor(`a vote no at ${node}`, async () => {
        const views = await ports.query.transactions(node, RECENT);
        const isRefusal = (view: TransactionView): boolean =>
          view.role === "participant" && view.requestId === requestId && view.vote === "no";
        return views.find(isRefusal) ?? null;
      });
    },
    async crashed(node) {
      await waitFor(`the crash of ${node}`, async () => {
        const process = ports.cluster?.processes().find((view) => view.name === node);
        return process?.state === "down" ? process : null;
      });
    },
    kill: (node) => processes(ports).kill(node),
    restart: (node) => processes(ports).restart(node),
  };
}

function processes({ cluster }: HeadlessPorts): ClusterControl {
  if (cluster === null) throw new TpcError("TPC_USAGE", "no process of this cluster is supervised here");
  return cluster;
}

async function readHoldings({ query, cast }: HeadlessPorts): Promise<Holdings> {
  const [stock, money] = await Promise.all([query.rows(cast.warehouse), query.rows(cast.ledger)]);
  return {
    items: stock?.kind === "warehouse" ? stock.items : [],
    accounts: money?.kind === "ledger" ? money.accounts : [],
  };
}
