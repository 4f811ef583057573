import { interned } from "../../core/interned.ts";
import type { Clock, Random, WireHandlers } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { Directory, HelloNode } from "../../schema/session.ts";
import { clientSession } from "./client-session.ts";
import { createDialers, type Dialers } from "./dialers.ts";
import { createDoor, type Door } from "./door.ts";
import { createKnownNames } from "./known-names.ts";
import { FRAME_BYTES_MAX, type WireTiming } from "./limits.ts";
import type { CutWay, Link, LinkHandlers } from "./link.ts";
import type { LinkRegistry } from "./link-registry.ts";
import { nodeSession } from "./node-session.ts";
import { createPeerTable, type PeerTable } from "./peer-table.ts";
import type { Room } from "./room.ts";
import type { TurnEnd } from "./turn-end.ts";

export interface EndsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: WireTiming;
  readonly token: string;
  readonly self: HelloNode;
  readonly links: LinkRegistry;
  readonly turnEnd: TurnEnd;
  readonly room: Room;
  isCut(name: NodeName, way: CutWay): boolean;
  handlers(): WireHandlers;
  /** What a new peer is told first. */
  greeting(): Directory | null;
  onProblem(text: string): void;
}

export interface Ends {
  readonly peers: PeerTable;
  readonly dialers: Dialers;
  readonly door: Door;
}

/** Both ways of meeting a peer, dialling and accepting, and the table in which they meet. */
export function createEnds(options: EndsOptions): Ends {
  const { clock, random, timing, token, self, links, handlers, onProblem } = options;
  const names = createKnownNames(onProblem);
  const peers = createPeerTable(self, {
    up(node) {
      tellDirectory(peers, node.name, options.greeting());
      handlers().peerUp(node);
    },
    down(name) {
      handlers().peerDown(name);
      // Deferred, for a new run of the same node may be about to take its place.
      clock.defer(dialers.wake);
    },
  });
  const meetNode = (link: Link, hello: HelloNode, dialled: boolean): LinkHandlers => {
    const node = { ...hello, name: interned(hello.name) };
    const session = nodeSession(link, node, peers, () => ({
      ...handlers(),
      directory: (nodes) => handlers().directory(names.admit(nodes)),
    }));
    peers.add(node, link, dialled);
    return session;
  };
  const greeting = {
    clock,
    timing,
    token,
    self,
    isCut: options.isCut,
    review: (node: HelloNode) => peers.review(node) ?? names.review(node),
    opened: links.add,
    ended: links.remove,
  };
  const dialers = createDialers({
    ...greeting,
    addressesMax: options.room.dialled,
    random,
    isConnected: (name) => peers.link(name) !== null,
    met: (link, node) => meetNode(link, node, true),
    onProblem,
  });
  const clients = new Set<Link>();
  const door = createDoor({
    ...greeting,
    strangersMax: options.room.strangers,
    met: (link, node) => {
      if (node === null) return clientSession(link, clients, options.turnEnd, handlers);
      return reportRefusal(meetNode(link, node, false), node.name, onProblem);
    },
  });
  return { peers, dialers, door };
}

/** A node that has shown the token and then breaks the rules is worth a line in the log; diallers report theirs. */
function reportRefusal(session: LinkHandlers, name: NodeName, report: (text: string) => void): LinkHandlers {
  return {
    ...session,
    closed(end) {
      if (end.refusal !== null) report(`${name} was refused: ${end.refusal.message} (${end.refusal.code})`);
      session.closed(end);
    },
  };
}

export function tellDirectory(peers: PeerTable, name: NodeName, directory: Directory | null): void {
  if (directory !== null) peers.link(name)?.send([directory], FRAME_BYTES_MAX);
}
