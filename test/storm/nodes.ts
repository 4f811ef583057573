import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/connect.ts";
import { type ClusterOperator, createOperator } from "../../src/client/operator.ts";
import { type Cluster, startCluster } from "../../src/cluster/cluster.ts";
import type { NodeSpec } from "../../src/cluster/supervised-node.ts";
import type { Cast } from "../../src/headless/ports.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { NodeView, TransactionView } from "../../src/schema/views.ts";
import { LAUNCHER } from "../e2e/program.ts";

export const CAST: Cast = {
  coordinator: "coordinator" as NodeName,
  warehouse: "warehouse" as NodeName,
  ledger: "ledger" as NodeName,
};
export const NAMES: readonly NodeName[] = [CAST.coordinator, CAST.warehouse, CAST.ledger];
const STARTS_MAX = 20;

/** Plenty of one item, few of another; customers with plenty and one with little. */
const ITEMS = [
  { sku: "BOLT-01", name: "Bolts", onHand: "1000000000", priceMinor: "5" },
  { sku: "NUT-01", name: "Nuts", onHand: "1000000000", priceMinor: "3" },
  { sku: "RARE-01", name: "A few of these", onHand: "400", priceMinor: "9" },
];
const ACCOUNTS = [
  { id: "cash", name: "Cash", type: "asset", debitsPosted: "2000000500" },
  { id: "customer-ada", name: "Ada", type: "liability", creditsPosted: "1000000000" },
  { id: "customer-ben", name: "Ben", type: "liability", creditsPosted: "1000000000" },
  { id: "customer-cleo", name: "Cleo, nearly out of funds", type: "liability", creditsPosted: "500" },
  { id: "revenue", name: "Sales", type: "revenue" },
];

/** Real processes under the program's own supervisor, with stock and money of their own. */
export interface StormNodes {
  readonly cluster: Cluster;
  readonly operator: ClusterOperator;
  /** Where the nodes write their readable logs. */
  readonly dir: string;
  ask<Answer>(name: NodeName, use: (client: Client) => Promise<Answer>): Promise<Answer>;
  /** The node's view of itself, or null while it is away. */
  view(name: NodeName): Promise<NodeView | null>;
  transactions(name: NodeName): Promise<readonly TransactionView[]>;
  /** Starts a node that is down, again if it dies on the way. */
  revive(name: NodeName): Promise<void>;
  signal(name: NodeName, signal: NodeJS.Signals): void;
  /** Ends every process; keeps the directory where `keep`. */
  remove(keep: boolean): Promise<void>;
}

export async function startNodes(): Promise<StormNodes> {
  const dir = await mkdtemp(join(tmpdir(), "tpc-storm-"));
  const token = randomBytes(32).toString("base64url");
  const path = (name: string): string => join(dir, name);
  await writeFile(path("token"), token, { mode: 0o600 });
  await writeFile(path("items.json"), JSON.stringify(ITEMS));
  await writeFile(path("accounts.json"), JSON.stringify(ACCOUNTS));
  const specs: readonly NodeSpec[] = [
    { name: CAST.coordinator, kind: "coordinator" },
    { name: CAST.warehouse, kind: "warehouse", seedFile: path("items.json") },
    { name: CAST.ledger, kind: "ledger", seedFile: path("accounts.json") },
  ];
  const cluster = startCluster({
    dir,
    tokenFile: path("token"),
    entry: LAUNCHER,
    nodes: specs,
    faultInjection: true,
  });
  await cluster.ready().catch(async (error: unknown) => {
    await cluster.stop();
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  const urls = new Map(cluster.processes().map(({ name, url }) => [name, url ?? ""]));
  const operator = createOperator({ urls, coordinator: CAST.coordinator, token });

  const ask = async <Answer>(name: NodeName, use: (client: Client) => Promise<Answer>): Promise<Answer> => {
    const client = await connect(urls.get(name) ?? "", { token, timeoutMs: 5_000 });
    try {
      return await use(client);
    } finally {
      client.close();
    }
  };

  return {
    cluster,
    operator,
    dir,
    ask,
    view: (name) => ask(name, (client) => client.nodeView()).catch(() => null),
    transactions: (name) => ask(name, (client) => client.transactions()),
    async revive(name) {
      for (let starts = 1; ; starts += 1) {
        try {
          return await cluster.restart(name);
        } catch (error) {
          if (starts === STARTS_MAX) throw error;
        }
      }
    },
    signal(name, signal) {
      const pid = cluster.processes().find((process) => process.name === name)?.pid;
      if (typeof pid === "number") process.kill(pid, signal);
    },
    async remove(keep) {
      operator.close();
      for (const name of NAMES) await cluster.kill(name);
      await cluster.stop();
      if (!keep) await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}
