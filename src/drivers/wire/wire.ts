import { printable } from "../../codec/printable.ts";
import type { Clock, Network, Random, WireHandlers } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { Directory, HelloNode } from "../../schema/session.ts";
import { clientSession } from "./client-session.ts";
import { createDialers } from "./dialers.ts";
import { createDoor } from "./door.ts";
import { FRAME_BYTES_MAX, WIRE_TIMING, type WireTiming } from "./limits.ts";
import type { Link, LinkHandlers } from "./link.ts";
import { createLinkRegistry } from "./link-registry.ts";
import { type Listener, startListener } from "./listener.ts";
import { nodeSession } from "./node-session.ts";
import { createOutbox } from "./outbox.ts";
import { type ConnectedPeer, createPeerTable } from "./peer-table.ts";
import { nodeUrl, parseNodeUrl } from "./url.ts";

export interface WireOptions {
  /** Who this node is; its `url` is the address it gets. */
  readonly self: Omit<HelloNode, "url">;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Where others reach this node, when that is not where it listens. */
  readonly advertisedUrl?: string | undefined;
  readonly token: string;
  /** True where a token file was given explicitly: then it may listen beyond loopback. */
  readonly allowRemote?: boolean | undefined;
  /** Browser origins that may connect; none by default. */
  readonly originsAllowed?: readonly string[] | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** One printable line for the node's log, each problem once. */
  readonly onProblem: (text: string) => void;
  readonly timing?: Partial<WireTiming> | undefined;
}

/** A node's connections to nodes and clients. */
export interface Wire {
  /** The address that others are told. */
  readonly url: string;
  readonly self: HelloNode;
  readonly network: Network;
  /** Starts to accept and to dial; whoever came before has waited. */
  serve(handlers: WireHandlers): void;
  /** Keeps a connection to whatever node is at the URL, for good. Throws TPC_USAGE for what is not an address. */
  dial(url: string): void;
  /** Tells every connected node, and every one that connects later, which nodes there are. */
  announce(nodes: Directory["nodes"]): void;
  peers(): readonly ConnectedPeer[];
  /** `cut` makes everything to and from that node vanish silently, as a partition would; null heals it. */
  setLinkFault(name: NodeName, fault: "cut" | null): void;
  /** Sends what was handed over, closes everything and resolves when it is closed. No handler is called any more. */
  close(): Promise<void>;
}

/** Opens the port. Throws what `startListener` throws. */
export async function startWire(options: WireOptions): Promise<Wire> {
  const timing = { ...WIRE_TIMING, ...options.timing };
  const listener = await startListener({
    host: options.host,
    port: options.port,
    allowRemote: options.allowRemote ?? false,
    originsAllowed: options.originsAllowed ?? [],
    handshakeTimeoutMs: timing.helloTimeoutMs,
  });
  const url = options.advertisedUrl ?? nodeUrl(options.host, listener.port);
  return assembleWire({ options, timing, listener, self: { ...options.self, url } });
}

interface Parts {
  readonly options: WireOptions;
  readonly timing: WireTiming;
  readonly listener: Listener;
  readonly self: HelloNode;
}

function assembleWire({ options, timing, listener, self }: Parts): Wire {
  const { clock, random, token } = options;
  const onProblem = (text: string) => options.onProblem(printable(text));
  const faults = new Set<NodeName>();
  const links = createLinkRegistry();
  let handlers: WireHandlers = SILENT;
  let announced: Directory | null = null;

  const peers = createPeerTable(self, {
    up(node) {
      if (announced !== null) peers.link(node.name)?.send([announced], FRAME_BYTES_MAX);
      handlers.peerUp(node);
    },
    down(name) {
      handlers.peerDown(name);
      // Deferred, for a new run of the same node may be about to take its place.
      clock.defer(dialers.wake);
    },
  });

  const meetNode = (link: Link, node: HelloNode, dialled: boolean): LinkHandlers => {
    const session = nodeSession(link, node, peers, () => handlers);
    peers.add(node, link, dialled);
    return session;
  };

  const dialers = createDialers({
    clock,
    random,
    timing,
    token,
    self,
    isConnected: (name) => peers.link(name) !== null,
    muted: (name) => faults.has(name),
    review: peers.review,
    opened: links.add,
    ended: links.remove,
    met: (link, node) => meetNode(link, node, true),
    onProblem,
  });

  const door = createDoor({
    clock,
    timing,
    token,
    self,
    muted: (name) => faults.has(name),
    review: peers.review,
    opened: links.add,
    ended: links.remove,
    met: (link, node) => (node === null ? clientSession(link, () => handlers) : meetNode(link, node, false)),
  });

  const kept: string[] = [];
  let serving = false;
  let closed: Promise<void> | null = null;
  const shut = async () => {
    serving = false;
    handlers = SILENT;
    dialers.stop();
    links.closeAll("the node is stopping");
    await Promise.all([listener.close(), links.allClosed()]);
  };

  return {
    url: self.url,
    self,
    network: createOutbox({
      linkTo: peers.link,
      demand: (name, url) => {
        if (serving && !faults.has(name)) dialers.demand(url);
      },
      onProblem,
    }),
    serve(given) {
      handlers = given;
      serving = true;
      listener.serve(door.accept, door.strangers);
      for (const url of kept.splice(0)) dialers.keep(url);
    },
    dial(url) {
      if (serving) dialers.keep(url);
      else kept.push(parseNodeUrl(url));
    },
    announce(nodes) {
      announced = { type: "directory", nodes };
      for (const { node } of peers.connected()) peers.link(node.name)?.send([announced], FRAME_BYTES_MAX);
    },
    peers: peers.connected,
    setLinkFault(name, fault) {
      if (fault === "cut") faults.add(name);
      else faults.delete(name);
    },
    close: () => {
      closed ??= shut();
      return closed;
    },
  };
}

const SILENT: WireHandlers = {
  peerUp: () => {},
  peerDown: () => {},
  roundTrip: () => {},
  protocol: () => {},
  directory: () => {},
  client: () => {},
  clientGone: () => {},
};
