import { printable, printableJson } from "../codec/printable.ts";
import type { NodeKind, NodeView, PeerView } from "../schema/views.ts";
import { type ClusterAccess, type ClusterClients, withClients } from "./open-client.ts";
import { type Column, textTable } from "./table.ts";

/** One node as `status` shows it. */
interface NodeStatus {
  readonly name: string;
  readonly kind: NodeKind;
  readonly url: string;
  /** It answered. */
  readonly up: boolean;
  /** What it says about itself; null while it is down. */
  readonly view: NodeView | null;
}

const COLUMNS: readonly Column<NodeStatus>[] = [
  { title: "NODE", align: "left", cell: (node) => node.name },
  { title: "KIND", align: "left", cell: (node) => node.kind },
  { title: "STATE", align: "left", cell: (node) => (node.up ? "up" : "down") },
  { title: "PID", align: "right", cell: ({ view }) => figure(view?.pid) },
  { title: "EPOCH", align: "right", cell: ({ view }) => figure(view?.epoch) },
  { title: "FORCED", align: "right", cell: ({ view }) => figure(view?.forcedSeq) },
  { title: "UNFINISHED", align: "right", cell: ({ view }) => figure(view?.unfinished) },
  { title: "IN DOUBT", align: "right", cell: ({ view }) => figure(view?.inDoubt) },
  { title: "RECOVERY", align: "left", cell: ({ view }) => view?.recovery ?? "-" },
  { title: "URL", align: "left", cell: (node) => node.url },
];

/** Prints the nodes that the named one knows: `{ "nodes": [...] }` with `--json`, else a table and what is wrong. */
export async function showStatus(options: ClusterAccess & { readonly json?: boolean }): Promise<number> {
  const nodes = await withClients(options, async (clients) => {
    const { view } = clients;
    const self: NodeStatus = { name: view.name, kind: view.kind, url: view.url, up: true, view };
    return [self, ...(await Promise.all(view.peers.map((peer) => peerStatus(clients, peer))))];
  });
  const text = options.json ? printableJson({ nodes }, 2) : statusText(nodes);
  process.stdout.write(`${text}\n`);
  return 0;
}

async function peerStatus(clients: ClusterClients, peer: PeerView): Promise<NodeStatus> {
  const { name, kind, url } = peer;
  try {
    const view = await (await clients.at(name)).nodeView();
    return { name, kind, url, up: true, view };
  } catch {
    return { name, kind, url, up: false, view: null };
  }
}

function statusText(nodes: readonly NodeStatus[]): string {
  const lines = [textTable(COLUMNS, nodes, "no nodes")];
  for (const { name, view } of nodes) {
    for (const violation of view?.violations ?? []) lines.push(`${name}: BROKEN ${printable(violation)}`);
    for (const alarm of view?.alarms ?? []) lines.push(`${name}: alarm: ${printable(alarm)}`);
  }
  return lines.join("\n");
}

function figure(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}
