import type { NodeState } from "../core/node-state.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Directory, HelloNode } from "../schema/session.ts";
import type { NodeKind, PeerView } from "../schema/views.ts";
import type { NodeLoop } from "./node-loop.ts";
import type { Watchers } from "./watchers.ts";

type KnownNode = Directory["nodes"][number];

/** Nodes that a run leaves to the next one, at most; a directory of more would not be read. */
const NODES_KEPT_MAX = 200;

/** Which nodes there are, and how each can be reached. */
export interface PeerBook {
  start(): void;
  up(peer: HelloNode): void;
  down(name: NodeName): void;
  roundTrip(name: NodeName, milliseconds: number): void;
  learn(nodes: readonly KnownNode[]): void;
  views(): PeerView[];
}

export function createPeerBook(options: {
  readonly state: NodeState;
  readonly kind: NodeKind;
  readonly loop: NodeLoop;
  readonly watchers: Watchers;
  readonly knownNodes: readonly KnownNode[];
  readonly keepNodes: (nodes: KnownNode[]) => void;
  readonly report: (text: string) => void;
  readonly announce: (nodes: KnownNode[]) => void;
  readonly dial: (url: string) => void;
}): PeerBook {
  const { state, kind, loop, watchers } = options;
  const known = new Map<NodeName, KnownNode>();
  const live = new Map<NodeName, HelloNode>();
  const roundTrips = new Map<NodeName, number>();
  for (const node of options.knownNodes) known.set(node.name, node);

  const everybody = (): KnownNode[] => [
    ...known.values(),
    { name: state.self.name, kind, url: state.self.url },
  ];

  /** True when it is news. A node that hosts a participant keeps a connection to each of the others, to coordinate and be asked. */
  const note = (node: KnownNode): boolean => {
    if (node.name === state.self.name) return false;
    const before = known.get(node.name);
    if (before?.url === node.url && before.kind === node.kind) return false;
    known.set(node.name, node);
    return true;
  };

  const changed = () => {
    keep();
    options.announce(everybody());
  };

  /** Names add up over the runs: those that are connected are kept, and of the others the newest. */
  const keep = () => {
    const nodes = [...known.values()];
    const others = nodes.filter(({ name }) => !live.has(name));
    const room = Math.max(0, NODES_KEPT_MAX - (nodes.length - others.length));
    const forgotten = new Set(others.slice(0, Math.max(0, others.length - room)));
    options.keepNodes(nodes.filter((node) => !forgotten.has(node)));
  };

  const show = (name: NodeName) => {
    const peer = watchers.isWatched() ? viewOf(name) : null;
    if (peer) watchers.emit(null, { type: "peer-changed", peer });
    watchers.flush();
  };

  const viewOf = (name: NodeName): PeerView | null => {
    const node = known.get(name);
    if (!node) return null;
    const hello = live.get(name);
    const peer = state.peers.get(name);
    return {
      name,
      kind: node.kind,
      nodeId: hello?.nodeId ?? peer?.nodeId ?? null,
      url: node.url,
      connected: hello !== undefined,
      epoch: hello?.epoch ?? peer?.epoch ?? null,
      roundTripMs: hello ? (roundTrips.get(name) ?? null) : null,
      awaiting: countAwaitedAcks(state, name),
    };
  };

  return {
    start() {
      for (const { name, url } of known.values()) {
        loop.push({ type: "peer-learned", name, url });
        options.dial(url);
      }
    },
    up(peer) {
      const { name, url, nodeId, epoch } = peer;
      live.set(name, peer);
      options.report(`${name} is connected (store ${peer.storeId}, run ${epoch}) at ${url}`);
      roundTrips.delete(name);
      if (note({ name, kind: peer.kind, url })) changed();
      else options.announce(everybody());
      loop.push({ type: "peer-connected", name, url, nodeId, epoch });
      show(name);
    },
    down(name) {
      live.delete(name);
      options.report(`${name} is gone`);
      loop.push({ type: "peer-disconnected", name });
      show(name);
    },
    roundTrip(name, milliseconds) {
      roundTrips.set(name, Math.round(milliseconds * 1_000) / 1_000);
      show(name);
    },
    learn(nodes) {
      // Who is connected has said itself where it is.
      const news = nodes.filter((node) => !live.has(node.name) && note(node));
      for (const { name, url } of news) {
        loop.push({ type: "peer-learned", name, url });
        options.dial(url);
      }
      if (news.length > 0) keep();
    },
    views: () => [...known.keys()].flatMap((name) => viewOf(name) ?? []),
  };
}

function countAwaitedAcks(state: NodeState, name: NodeName): number {
  let count = 0;
  for (const each of state.coordinator.transactions.values()) {
    if (each.phase === "committing" && each.awaitingAck.includes(name)) count += 1;
  }
  return count;
}
