import { printable, printableJson } from "../codec/printable.ts";
import type { Model } from "../observe/model.ts";
import { transactionStatus, unfinishedTransactions } from "../observe/transaction.ts";
import { whyLine } from "../observe/why.ts";
import type { NodeKind, NodeView, PeerView } from "../schema/views.ts";
import { modelOf } from "./cluster-model.ts";
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

/** One transaction that is not finished, and why. */
interface Unfinished {
  readonly transactionId: string;
  readonly status: string;
  readonly why: string;
}

/** How many transactions each node is asked for; what is not finished is among its newest. */
const ASKED_MAX = 1_000;

/**
 * Prints the nodes that the named one knows, and every transaction that is not finished with why:
 * `{ "nodes": [...], "unfinished": [{ "transactionId", "status", "why" }] }` with `--json`, else a table and what is wrong.
 */
export async function showStatus(options: ClusterAccess & { readonly json?: boolean }): Promise<number> {
  const { nodes, unfinished } = await withClients(options, async (clients) => {
    const { view } = clients;
    const self: NodeStatus = { name: view.name, kind: view.kind, url: view.url, up: true, view };
    const peers = await Promise.all(view.peers.map((peer) => peerStatus(clients, peer)));
    const model = await modelOf(clients, [], (client) => client.transactions(ASKED_MAX));
    return { nodes: [self, ...peers], unfinished: unfinishedOf(model) };
  });
  const text = options.json ? printableJson({ nodes, unfinished }, 2) : statusText(nodes, unfinished);
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

function unfinishedOf(model: Model): readonly Unfinished[] {
  return unfinishedTransactions(model).map((each) => ({
    transactionId: each.id,
    status: transactionStatus(model, each),
    why: whyLine(model, each),
  }));
}

function statusText(nodes: readonly NodeStatus[], unfinished: readonly Unfinished[]): string {
  const lines = [textTable(COLUMNS, nodes, "no nodes")];
  for (const { name, view } of nodes) {
    for (const violation of view?.violations ?? []) lines.push(`${name}: BROKEN ${printable(violation)}`);
    for (const alarm of view?.alarms ?? []) lines.push(`${name}: alarm: ${printable(alarm)}`);
  }
  for (const { transactionId, status, why } of unfinished) {
    // `mixed: …` says already what it is.
    lines.push(printable(`${transactionId} ${why.startsWith(`${status}:`) ? "" : `${status}: `}${why}`));
  }
  return lines.join("\n");
}

function figure(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}
