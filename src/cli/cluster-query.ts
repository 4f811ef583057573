import type { Client } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import { TpcError } from "../core/errors.ts";
import type { ClusterQuery } from "../headless/ports.ts";
import type { NodeName } from "../schema/ids.ts";
import type { NodeAddresses } from "./node-addresses.ts";

export interface ClosableQuery extends ClusterQuery {
  /** The number of the last event a node has told anybody. */
  lastEventNumber(name: NodeName): Promise<number>;
  close(): void;
}

/** Queries over one connection a node, opened when it is needed and again after it was lost. */
export function createQuery(urls: NodeAddresses, token: string): ClosableQuery {
  const clients = new Map<NodeName, Promise<Client>>();

  function reach(name: NodeName): Promise<Client> {
    const existing = clients.get(name);
    if (existing !== undefined) return existing;
    const url = urls.get(name);
    if (url === undefined) {
      return Promise.reject(new TpcError("TPC_UNREACHABLE", `no address is known for a node ${name}`));
    }
    const opened = connect(url, { token });
    const forget = (): void => {
      if (clients.get(name) === opened) clients.delete(name);
    };
    clients.set(name, opened);
    opened.then((client) => client.onClose(forget), forget);
    return opened;
  }

  return {
    node: async (name) => (await reach(name)).nodeView(),
    rows: async (name) => (await reach(name)).rows(),
    transaction: async (name, transactionId) => (await reach(name)).transaction(transactionId),
    transactions: async (name, limit) => (await reach(name)).transactions(limit),
    async lastEventNumber(name) {
      const client = await reach(name);
      return new Promise((resolve, reject) => {
        client.onClose((why) => reject(new TpcError("TPC_UNREACHABLE", `${name}: ${why}`)));
        client.subscribe({ snapshot: (snapshot) => resolve(snapshot.number), events: () => {} });
      });
    },
    close() {
      for (const opened of clients.values()) {
        opened.then(
          (client) => client.close(),
          () => {},
        );
      }
    },
  };
}
