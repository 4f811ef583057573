import type { Client } from "../client/client.ts";
import { connect } from "../client/connect.ts";
import { type ErrorCode, TpcError } from "../core/errors.ts";
import { findToken } from "../drivers/token.ts";
import type { NodeName } from "../schema/ids.ts";
import type { NodeKind, NodeView } from "../schema/views.ts";

/** How a command reaches a cluster. */
export interface ClusterAccess {
  /** Any node's URL. */
  readonly to: string;
  readonly tokenFile?: string;
}

/** Connections to the nodes of a cluster, opened as they are asked for. */
export interface ClusterClients {
  /** The node that was named. */
  readonly first: Client;
  /** What it says about itself, peers included. */
  readonly view: NodeView;
  /** Rejects with TPC_UNREACHABLE. A node is connected once. */
  at(name: NodeName): Promise<Client>;
  closeAll(): void;
}

/** Connects to the named node; its peers lead to the others. Rejects as `connect` and `findToken` do. */
export async function openClients(access: ClusterAccess): Promise<ClusterClients> {
  const token = await findClusterToken(access);
  const first = await connect(access.to, { token });
  const view = await first.nodeView();
  const opened = new Map<NodeName, Promise<Client>>([[first.node.name, Promise.resolve(first)]]);
  return {
    first,
    view,
    at(name) {
      const open = opened.get(name) ?? connectPeer(view, name, token);
      opened.set(name, open);
      open.catch(() => opened.delete(name));
      return open;
    },
    closeAll() {
      for (const open of opened.values()) {
        open.then(
          (client) => client.close(),
          () => {},
        );
      }
    },
  };
}

/**
 * The token for a cluster. Where none lies in the usual place, a node that does not run is the likelier reason and is
 * named first: rejects with TPC_UNREACHABLE, else as `findToken` does.
 */
export async function findClusterToken({ to, tokenFile }: ClusterAccess): Promise<string> {
  try {
    return (await findToken({ tokenFile })).token;
  } catch (error) {
    if (tokenFile === undefined && isError(error, "TPC_TOKEN")) await knock(to);
    throw error;
  }
}

async function knock(url: string): Promise<void> {
  try {
    (await connect(url, { token: "" })).close();
  } catch (error) {
    if (isError(error, "TPC_UNREACHABLE")) throw error;
  }
}

function isError(error: unknown, code: ErrorCode): boolean {
  return error instanceof TpcError && error.code === code;
}

async function connectPeer(view: NodeView, name: NodeName, token: string): Promise<Client> {
  const peer = view.peers.find((candidate) => candidate.name === name);
  if (peer === undefined || peer.url === "") {
    throw new TpcError("TPC_UNREACHABLE", `${view.name} knows no address of a node named ${name}`);
  }
  return connect(peer.url, { token });
}

/** Opens clients, uses them, and closes them whatever happens. */
export async function withClients<T>(
  access: ClusterAccess,
  use: (clients: ClusterClients) => Promise<T>,
): Promise<T> {
  const clients = await openClients(access);
  try {
    return await use(clients);
  } finally {
    clients.closeAll();
  }
}

/**
 * The node of a kind: the one with the given name, else the one asked, else the one that carries the kind's own
 * name, else the first. Throws TPC_USAGE where there is none.
 */
export function nameOfKind(view: NodeView, kind: NodeKind, wanted: string | undefined): NodeName {
  const names = [view, ...view.peers].filter((node) => node.kind === kind).map((node) => node.name);
  const usual = view.kind === kind ? view.name : (names.find((name) => name === kind) ?? names[0]);
  const name = wanted === undefined ? usual : names.find((candidate) => candidate === wanted);
  if (name !== undefined) return name;
  const known = names.length === 0 ? "none" : names.join(", ");
  throw new TpcError(
    "TPC_USAGE",
    `${view.name} knows no ${kind} ${wanted ?? ""}`.trimEnd().concat(`; it knows ${known}`),
  );
}
