import type { Client } from "../client/client.ts";
import { TpcError } from "../core/errors.ts";
import { emptyModel, type Model } from "../observe/model.ts";
import type { WatchUpdate } from "../observe/ports.ts";
import { reduceAll } from "../observe/reducer.ts";
import type { NodeName } from "../schema/ids.ts";
import type { TransactionView } from "../schema/views.ts";
import type { ClusterClients } from "./open-client.ts";

/**
 * What the nodes of a cluster say now, as a watcher would know it: the named node, its peers and those of `also`, each
 * with the transactions that `ask` gets from it. A node that does not answer counts as not heard; a defect here is thrown.
 */
export async function modelOf(
  clients: ClusterClients,
  also: readonly NodeName[],
  ask: (client: Client) => Promise<readonly TransactionView[]>,
): Promise<Model> {
  const names = new Set([clients.view.name, ...clients.view.peers.map(({ name }) => name), ...also]);
  const updates = await Promise.all([...names].map((name) => updateOf(clients, name, ask)));
  return reduceAll(emptyModel(), updates, Date.now());
}

async function updateOf(
  clients: ClusterClients,
  name: NodeName,
  ask: (client: Client) => Promise<readonly TransactionView[]>,
): Promise<WatchUpdate> {
  try {
    const client = await clients.at(name);
    const [node, transactions, retries] = await Promise.all([
      client.nodeView(),
      ask(client),
      client.retries(),
    ]);
    return {
      type: "snapshot",
      snapshot: { number: 0, node, transactions: [...transactions], retries: [...retries], rows: null },
    };
  } catch (error) {
    if (!(error instanceof TpcError)) throw error;
    return { type: "disconnected", node: name, why: error.message };
  }
}
