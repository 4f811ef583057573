import type { Holdings } from "../../src/headless/conservation.ts";
import { until } from "../crash-matrix/cluster.ts";
import { CAST, NAMES, type StormNodes } from "./nodes.ts";

const REST_MS = 30_000;

/** Resolves when all nodes are up and none has anything unfinished or in doubt. */
export async function comeToRest(nodes: StormNodes): Promise<void> {
  await until(
    "a cluster at rest",
    async () => {
      const views = await Promise.all(NAMES.map((name) => nodes.view(name)));
      return views.every((view) => view?.unfinished === 0 && view.inDoubt === 0) ? true : null;
    },
    REST_MS,
  );
}

/** What warehouse and ledger keep now. */
export async function holdings(nodes: StormNodes): Promise<Holdings> {
  const stock = await nodes.ask(CAST.warehouse, (client) => client.rows());
  const books = await nodes.ask(CAST.ledger, (client) => client.rows());
  if (stock?.kind !== "warehouse" || books?.kind !== "ledger") throw new Error("the rows are missing");
  return { items: stock.items, accounts: books.accounts };
}
