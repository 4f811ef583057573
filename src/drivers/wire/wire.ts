import { printable } from "../../codec/printable.ts";
import type { Clock, Network, Random, WireHandlers } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { CutDirection } from "../../schema/injection.ts";
import type { Directory, HelloNode } from "../../schema/session.ts";
import { createEnds, tellDirectory } from "./ends.ts";
import { DIRECTORY_NODES_MAX, WIRE_TIMING, type WireTiming } from "./limits.ts";
import type { CutWay } from "./link.ts";
import { createLinkRegistry } from "./link-registry.ts";
import { type Listener, startListener } from "./listener.ts";
import { createOutbox } from "./outbox.ts";
import type { ConnectedPeer } from "./peer-table.ts";
import { openFilesMax, type Room, roomFor } from "./room.ts";
import { createTurnEnd } from "./turn-end.ts";
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
  /** So many protocol messages went to other nodes, in so many frames and bytes. */
  readonly onSent?: ((messages: number, frames: number, bytes: number) => void) | undefined;
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
  /** Makes everything to that node, from it, or both vanish silently, as a partition would; null heals it. */
  setLinkFault(name: NodeName, cut: CutDirection | null): void;
  /** Sends what was handed over, closes everything and resolves when it is closed. No handler is called any more. */
  close(): Promise<void>;
}

/** Opens the port. Throws what `startListener` throws, and TPC_CONFIG where this process may open too few files. */
export async function startWire(options: WireOptions): Promise<Wire> {
  const timing = { ...WIRE_TIMING, ...options.timing };
  const room = roomFor(openFilesMax());
  const listener = await startListener({
    host: options.host,
    port: options.port,
    allowRemote: options.allowRemote ?? false,
    originsAllowed: options.originsAllowed ?? [],
    handshakeTimeoutMs: timing.helloTimeoutMs,
    room,
  });
  const url = options.advertisedUrl ?? nodeUrl(options.host, listener.port);
  return assembleWire({ options, timing, room, listener, self: { ...options.self, url } });
}

interface Parts {
  readonly options: WireOptions;
  readonly timing: WireTiming;
  readonly room: Room;
  readonly listener: Listener;
  readonly self: HelloNode;
}

function assembleWire({ options, timing, room, listener, self }: Parts): Wire {
  const onProblem = (text: string) => options.onProblem(printable(text));
  const faults = new Map<NodeName, CutDirection>();
  const links = createLinkRegistry();
  const turnEnd = createTurnEnd();
  /** Addresses to dial once this node serves. */
  const kept: string[] = [];
  const isCut = (name: NodeName, way: CutWay) => {
    const cut = faults.get(name);
    return cut === "both" || cut === way;
  };
  let handlers: WireHandlers | null = null;
  let announced: Directory | null = null;
  let closed: Promise<void> | null = null;

  const ends = createEnds({
    ...options,
    timing,
    room,
    self,
    links,
    turnEnd,
    isCut,
    handlers: () => handlers ?? SILENT,
    greeting: () => announced,
    onProblem,
  });
  const outbox = createOutbox({
    linkTo: ends.peers.link,
    demand: (name, url) => {
      if (handlers !== null && !isCut(name, "out")) ends.dialers.demand(url);
    },
    onSent: options.onSent ?? (() => {}),
    onProblem,
  });
  const shut = async () => {
    turnEnd.end();
    handlers = null;
    ends.dialers.stop();
    links.closeAll("the node is stopping");
    await Promise.all([listener.close(), links.allClosed()]);
  };
  return {
    url: self.url,
    self,
    network: {
      send: outbox.send,
      flush() {
        // Who waits for an answer goes before peers, each of whom takes this core when it is woken by a frame.
        turnEnd.end();
        outbox.flush();
      },
    },
    serve(given) {
      handlers = given;
      listener.serve(ends.door.accept);
      for (const url of kept.splice(0)) ends.dialers.keep(url);
    },
    dial(url) {
      if (handlers !== null) ends.dialers.keep(url);
      else kept.push(parseNodeUrl(url));
    },
    announce(nodes) {
      announced = { type: "directory", nodes: nodes.slice(0, DIRECTORY_NODES_MAX) };
      for (const { node } of ends.peers.connected()) tellDirectory(ends.peers, node.name, announced);
    },
    peers: ends.peers.connected,
    setLinkFault(name, cut) {
      if (cut === null) faults.delete(name);
      else faults.set(name, cut);
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
