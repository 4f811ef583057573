import type { NodeWire } from "../../runtime/node.ts";
import type { WireHandlers } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { ProtocolMessage } from "../../schema/protocol.ts";
import type { Directory, HelloNode } from "../../schema/session.ts";
import type { Agenda } from "./agenda.ts";
import type { Chance } from "./chance.ts";
import type { NetworkHabits } from "./knobs.ts";
import { createPaths } from "./paths.ts";
import { createReplays } from "./replays.ts";

/** A process on the network. */
export interface Station {
  readonly hello: HelloNode;
  readonly handlers: WireHandlers;
  isAlive(): boolean;
  /** False while the process is stopped: the machine takes what comes, and nobody answers. */
  isRunning(): boolean;
  /** Runs what arrives in the process, at once or when it goes on. */
  deliver(run: () => void): void;
}

/** Links between processes, as the real wire has them: each end learns by itself that one is up, or gone. */
export interface SimulatedNetwork {
  /** Gives a process its wire; it accepts and dials from here on. */
  join(station: Station): NodeWire;
  /** The process is gone: whoever was linked to it is told by its machine, or finds out by its silence. */
  leave(station: Station): void;
  /** The process is stopped: its peers take it for dead after a while. */
  freeze(station: Station): void;
  cut(from: NodeName, to: NodeName): void;
  heal(from: NodeName, to: NodeName): void;
  /** Ends the link of two processes, if they have one; they make another. */
  disconnect(one: NodeName, other: NodeName): void;
  /** Every way is open again and nothing is lost, doubled or late any more. */
  calm(): void;
  sent(): number;
}

/** What one process believes about its links, and whom it dials. */
interface End {
  readonly station: Station;
  readonly links: Map<NodeName, { readonly link: Link; readonly hello: HelloNode }>;
  readonly wantedUntilMs: Map<string, number>;
  readonly dialling: Set<string>;
  announced: Directory["nodes"] | null;
  /** True from when the process has closed its wire, or is gone. */
  hasLeft: boolean;
}

/** A connection of two runs. */
interface Link {
  readonly dialler: End;
  readonly acceptor: End;
  /** Where links keep order: when the last message in each direction arrives. */
  readonly arrivesMs: { dialler: number; acceptor: number };
}

const SILENCE_MS = [4_000, 5_000] as const;
const BACKOFF_MS = [50, 2_000] as const;
const DEMAND_MS = 30_000;

export function createNetwork(agenda: Agenda, chance: Chance, habits: NetworkHabits): SimulatedNetwork {
  const paths = createPaths();
  const replays = createReplays(agenda, chance.split("replays"), habits.replays);
  const ends = new Map<NodeName, End>();
  let isCalm = false;
  let sent = 0;

  const hopMs = (): number => {
    const [least, most] = habits.delayMs;
    return isCalm ? least : chance.between(least, most);
  };
  const nameOf = (end: End) => end.station.hello.name;
  const isOpen = (end: End) => end.station.isAlive() && !end.hasLeft;
  const otherEnd = (link: Link, end: End) => (link.dialler === end ? link.acceptor : link.dialler);
  const hasLink = (end: End, link: Link) => end.links.get(nameOf(otherEnd(link, end)))?.link === link;

  /** The end takes the link for gone. */
  const drop = (end: End, link: Link) => {
    if (!isOpen(end) || !hasLink(end, link)) return;
    const name = nameOf(otherEnd(link, end));
    end.links.delete(name);
    end.station.handlers.peerDown(name);
    wake(end);
  };

  /** One end has closed the link: the other is told, or hears nothing any more. */
  const tellClosed = (link: Link, by: End) => {
    const other = otherEnd(link, by);
    const isTold = paths.isOpen(nameOf(by), nameOf(other));
    const afterMs = isTold ? hopMs() : chance.between(...SILENCE_MS);
    agenda.after(afterMs, () => other.station.deliver(() => drop(other, link)));
  };

  const terminate = (link: Link, by: End) => {
    drop(by, link);
    tellClosed(link, by);
  };

  /** Takes the link as the one to use, or refuses it as the real wire would. */
  const admit = (end: End, other: End, link: Link): boolean => {
    const { hello } = other.station;
    const known = end.links.get(hello.name);
    if (known && (known.hello.storeId !== hello.storeId || known.hello.epoch > hello.epoch)) return false;
    if (known?.hello.epoch === hello.epoch) {
      // One link is enough: where both have dialled, both ends use the one that the smaller name dialled.
      const isSameWay = known.link.dialler === link.dialler;
      if (isSameWay || nameOf(link.dialler) < nameOf(link.acceptor)) {
        end.links.set(hello.name, { link, hello });
        replays.linked(hello.name, nameOf(end), link);
      }
      return true;
    }
    if (known) terminate(known.link, end);
    end.links.set(hello.name, { link, hello });
    replays.linked(hello.name, nameOf(end), link);
    if (end.announced) tellDirectory(end, link, end.announced);
    end.station.handlers.peerUp(hello);
    return true;
  };

  const isReachable = (from: End, to: End) =>
    paths.isOpen(nameOf(from), nameOf(to)) && paths.isOpen(nameOf(to), nameOf(from)) && isOpen(to);

  const dial = (end: End, url: string) => {
    const { station } = end;
    const target = [...ends.values()].find((other) => other.station.hello.url === url);
    const isWanted = (end.wantedUntilMs.get(url) ?? 0) > agenda.nowMs();
    const isDone = target !== undefined && end.links.has(nameOf(target));
    if (!isOpen(end) || !isWanted || isDone || target === end) {
      end.dialling.delete(url);
      return;
    }
    const again = () => {
      agenda.after(chance.between(...BACKOFF_MS), () => station.deliver(() => dial(end, url)));
    };
    if (target === undefined || !isReachable(end, target)) return again();
    const link: Link = { dialler: end, acceptor: target, arrivesMs: { dialler: 0, acceptor: 0 } };
    agenda.after(hopMs(), () => {
      if (!isReachable(end, target) || !isOpen(end) || !target.station.isRunning()) return again();
      target.station.deliver(() => {
        if (!isOpen(end) || !admit(target, end, link)) return again();
        answerDial(end, target, link, again);
      });
    });
  };

  const answerDial = (end: End, target: End, link: Link, again: () => void) => {
    const { station } = end;
    agenda.after(hopMs(), () => {
      station.deliver(() => {
        const isHeard = isOpen(end) && isReachable(end, target) && hasLink(target, link);
        if (isHeard && admit(end, target, link)) return dial(end, target.station.hello.url);
        tellClosed(link, end);
        again();
      });
      if (!isOpen(end)) tellClosed(link, end);
    });
  };

  const want = (end: End, url: string, untilMs: number) => {
    end.wantedUntilMs.set(url, Math.max(untilMs, end.wantedUntilMs.get(url) ?? 0));
    if (end.dialling.has(url)) return;
    end.dialling.add(url);
    dial(end, url);
  };

  const wake = (end: End) => {
    for (const [url, untilMs] of end.wantedUntilMs) want(end, url, untilMs);
  };

  /** Brings something over a link; it arrives only where the same link still stands, or as a replay. */
  const carry = (from: End, link: Link, take: (to: End) => void) => {
    const to = otherEnd(link, from);
    replays.sent(nameOf(from), nameOf(to), link, () => {
      const now = ends.get(nameOf(to));
      now?.station.deliver(() => isOpen(now) && now.links.has(nameOf(from)) && take(now));
    });
    const isClear = () => paths.isOpen(nameOf(from), nameOf(to));
    if (!isClear()) return;
    const chaotic = !isCalm && !habits.isOrdered;
    if (chaotic && chance.hit(habits.loss)) return;
    const copies = chaotic && chance.hit(habits.doubles) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      agenda.after(arrivalMs(link, to) - agenda.nowMs(), () => {
        if (!isClear()) return;
        to.station.deliver(() => hasLink(to, link) && take(to));
      });
    }
  };

  const arrivalMs = (link: Link, to: End): number => {
    const side = link.dialler === to ? "dialler" : "acceptor";
    const atMs = agenda.nowMs() + hopMs();
    if (!habits.isOrdered) return atMs;
    link.arrivesMs[side] = Math.max(link.arrivesMs[side], atMs);
    return link.arrivesMs[side];
  };

  /** Never lost while the two runs are linked: it waits until the other end uses the link, or goes over the one that took its place. */
  const tellDirectory = (end: End, link: Link, nodes: Directory["nodes"]) => {
    const other = otherEnd(link, end);
    agenda.after(hopMs(), () => {
      const current = end.links.get(nameOf(other))?.link;
      if (!isOpen(end) || current === undefined || otherEnd(current, end) !== other) return;
      if (current !== link) return tellDirectory(end, current, nodes);
      if (!hasLink(other, link) || !paths.isOpen(nameOf(end), nameOf(other)))
        return tellDirectory(end, link, nodes);
      other.station.deliver(() => other.station.handlers.directory(nodes));
    });
  };

  const wireOf = (end: End): NodeWire => {
    const { station } = end;
    const name = nameOf(end);
    const queues = new Map<NodeName, ProtocolMessage[]>();
    return {
      url: station.hello.url,
      network: {
        send(to, url, message) {
          if (!end.links.has(to)) {
            if (url !== null) want(end, url, agenda.nowMs() + DEMAND_MS);
            return;
          }
          const queue = queues.get(to);
          if (queue === undefined) queues.set(to, [message]);
          else queue.push(message);
        },
        flush() {
          for (const [to, messages] of queues) {
            const link = end.links.get(to)?.link;
            if (link === undefined) continue;
            sent += messages.length;
            const frames = habits.isOrdered ? [messages] : messages.map((message) => [message]);
            for (const frame of frames)
              carry(end, link, (other) => other.station.handlers.protocol(name, frame));
          }
          queues.clear();
        },
      },
      dial: (url) => want(end, url, Number.POSITIVE_INFINITY),
      announce(nodes) {
        end.announced = nodes;
        for (const { link } of end.links.values()) tellDirectory(end, link, nodes);
      },
      setLinkFault(peer, direction) {
        paths.heal(name, peer);
        paths.heal(peer, name);
        if (direction === "out" || direction === "both") cut(name, peer);
        if (direction === "in" || direction === "both") cut(peer, name);
      },
    };
  };

  /** Who hears nothing from the other for a while takes the link for dead. */
  const cut = (from: NodeName, to: NodeName) => {
    paths.cut(from, to);
    const before = paths.changes(from, to);
    agenda.after(chance.between(...SILENCE_MS), () => {
      const end = ends.get(to);
      const link = end?.links.get(from)?.link;
      if (end === undefined || link === undefined || paths.changes(from, to) !== before) return;
      end.station.deliver(() => hasLink(end, link) && terminate(link, end));
    });
  };

  return {
    join(station) {
      const end: End = {
        station,
        links: new Map(),
        wantedUntilMs: new Map(),
        dialling: new Set(),
        announced: null,
        hasLeft: false,
      };
      ends.set(station.hello.name, end);
      return wireOf(end);
    },
    leave(station) {
      const end = ends.get(station.hello.name);
      if (end?.station !== station) return;
      end.hasLeft = true;
      ends.delete(station.hello.name);
      for (const other of ends.values()) {
        const link = other.links.get(station.hello.name)?.link;
        if (link !== undefined && otherEnd(link, other) === end) tellClosed(link, end);
      }
    },
    freeze(station) {
      const name = station.hello.name;
      agenda.after(chance.between(...SILENCE_MS), () => {
        if (station.isRunning()) return;
        for (const other of ends.values()) {
          const link = other.links.get(name)?.link;
          if (link !== undefined) other.station.deliver(() => hasLink(other, link) && terminate(link, other));
        }
      });
    },
    cut,
    heal: paths.heal,
    disconnect(one, other) {
      const end = ends.get(one);
      const link = end?.links.get(other)?.link;
      if (end !== undefined && link !== undefined) end.station.deliver(() => terminate(link, end));
    },
    calm() {
      isCalm = true;
      replays.calm();
      paths.healAll();
    },
    sent: () => sent,
  };
}
