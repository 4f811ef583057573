import type { NodeName } from "../../schema/ids.ts";
import type { HelloNode } from "../../schema/session.ts";
import { CLOSE } from "./limits.ts";
import type { Link, Refusal } from "./link.ts";

/** A node with at least one usable link. */
export interface ConnectedPeer {
  readonly node: HelloNode;
  /** The last heartbeat's round trip in milliseconds, null before the first. */
  readonly roundTripMs: number | null;
}

export interface PeerTable {
  /** Whether a node that says this about itself may be added now; null if so. */
  review(node: HelloNode): Refusal | null;
  /** Adds a link. `dialled` is true where this node dialled it. */
  add(node: HelloNode, link: Link, dialled: boolean): void;
  remove(name: NodeName, link: Link): void;
  noteRoundTrip(name: NodeName, milliseconds: number): void;
  /** The link to use for a name. */
  link(name: NodeName): Link | null;
  connected(): readonly ConnectedPeer[];
  links(): readonly Link[];
}

type PeerLink = { readonly link: Link; readonly dialled: boolean };
interface Entry {
  node: HelloNode;
  links: readonly PeerLink[];
  /** That of its links which is used: it is asked for with every message. */
  used: Link | null;
  roundTripMs: number | null;
}

/**
 * Node links by name. One link a pair of nodes is enough: where both have dialled, the one that the smaller name
 * dialled is used and stays, and the other is closed after what was under way on it.
 */
export function createPeerTable(
  self: HelloNode,
  changed: { up(node: HelloNode): void; down(name: NodeName): void },
): PeerTable {
  const entries = new Map<NodeName, Entry>();

  const isPreferred = (name: NodeName, dialled: boolean) => dialled === self.name < name;

  const setLinks = (entry: Entry, links: readonly PeerLink[]) => {
    const preferred = links.find(({ dialled }) => isPreferred(entry.node.name, dialled)) ?? links[0];
    entry.links = links;
    entry.used = preferred?.link ?? null;
  };

  const endRun = (entry: Entry) => {
    entries.delete(entry.node.name);
    for (const { link } of entry.links) link.terminate("the node has a newer run");
    changed.down(entry.node.name);
  };

  const add = (node: HelloNode, link: Link, dialled: boolean) => {
    let entry = entries.get(node.name);
    if (entry !== undefined && entry.node.epoch !== node.epoch) {
      endRun(entry);
      entry = undefined;
    }
    if (entry === undefined) {
      entries.set(node.name, { node, links: [{ link, dialled }], used: link, roundTripMs: null });
      changed.up(node);
      return;
    }
    const replaced = entry.links.filter((other) => other.dialled === dialled);
    const kept = entry.links.filter((other) => other.dialled !== dialled);
    entry.node = node;
    setLinks(entry, [...kept, { link, dialled }]);
    for (const old of replaced) old.link.terminate("replaced by a newer link");
    closeRedundant(entry);
  };

  /** Only the end that dialled the preferred link closes the other: it alone knows that both ends can use it. */
  const closeRedundant = (entry: Entry) => {
    if (entry.links.length < 2 || !isPreferred(entry.node.name, true)) return;
    for (const { link, dialled } of entry.links) {
      if (!dialled) link.close(CLOSE.redundant, "one link is enough");
    }
  };

  return {
    review: (node) => reviewNode(self, entries.get(node.name)?.node, node),
    add,
    remove(name, link) {
      const entry = entries.get(name);
      if (entry === undefined || !entry.links.some((other) => other.link === link)) return;
      setLinks(
        entry,
        entry.links.filter((other) => other.link !== link),
      );
      if (entry.links.length > 0) return;
      entries.delete(name);
      changed.down(name);
    },
    noteRoundTrip(name, milliseconds) {
      const entry = entries.get(name);
      if (entry !== undefined) entry.roundTripMs = milliseconds;
    },
    link: (name) => entries.get(name)?.used ?? null,
    connected: () => [...entries.values()].map(({ node, roundTripMs }) => ({ node, roundTripMs })),
    links: () => [...entries.values()].flatMap((entry) => entry.links.map(({ link }) => link)),
  };
}

function reviewNode(self: HelloNode, known: HelloNode | undefined, node: HelloNode): Refusal | null {
  const taken = (message: string): Refusal => ({ closeCode: CLOSE.nameTaken, code: "name-taken", message });
  if (node.name === self.name) {
    return node.storeId === self.storeId
      ? { closeCode: CLOSE.nameTaken, code: "self", message: "this is the node itself" }
      : taken(`this node has the name ${node.name} itself, with another store`);
  }
  if (known === undefined) return null;
  if (known.storeId !== node.storeId) {
    return taken(`another node with the name ${node.name} and another store is connected`);
  }
  if (node.epoch < known.epoch) {
    const message = `${node.name} is connected with its run ${known.epoch}, newer than ${node.epoch}`;
    return { closeCode: CLOSE.forbidden, code: "old-run", message };
  }
  return null;
}
