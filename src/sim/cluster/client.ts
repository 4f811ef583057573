import type { ClientLink } from "../../runtime/ports.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { Begin, OutcomeMessage, SessionMessage } from "../../schema/session.ts";
import type { Agenda } from "./agenda.ts";
import type { Chance } from "./chance.ts";
import type { Machine } from "./machine.ts";
import type { Order } from "./orders.ts";
import { WORLD_BEGINS_MS } from "./process.ts";
import type { Run } from "./witness.ts";

/** Somebody with one request, who asks until it is answered for good. */
export interface Client {
  readonly order: Order;
  begin(): void;
  /** The node has ended, or the connection has. */
  lose(name: NodeName): void;
  /** What it was told last, and whether it asks no more. */
  told(): OutcomeMessage | null;
  isDone(): boolean;
  sends(): number;
}

/**
 * Loyal: asks one node only. Roaming: asks another one after each failure. Impatient: asks a second one meanwhile, so that two
 * coordinators have the same request.
 */
export type Manner = "loyal" | "roaming" | "impatient";

export interface ClientParts {
  readonly order: Order;
  readonly manner: Manner;
  readonly machines: readonly Machine[];
  /** Bounds all attempts of a node; drawn where null. */
  readonly timeoutMs: number | null;
  readonly agenda: Agenda;
  readonly chance: Chance;
  /** How long a message to or from a node takes, in milliseconds. */
  readonly hopMs: () => number;
  /** A node tells an outcome: before it leaves the process. */
  readonly onAnswer: (run: Run, outcome: OutcomeMessage) => void;
  /** The answer has come. */
  readonly onHear: (outcome: OutcomeMessage) => void;
  /** An operator has had a hand in it: a participant may hold it for good. */
  readonly isByHand: () => boolean;
  /** True when faults are over: what cannot become certain any more is then given up. */
  readonly isCalm: () => boolean;
}

interface Session {
  readonly machine: Machine;
  readonly link: ClientLink;
  isOpen: boolean;
}

const PAUSE_MS = [50, 1_500] as const;
const SECOND_ASK_MS = [0, 2_000] as const;
/** A node answers by itself when the time is over; it gets this long to say so. */
const GRACE_MS = 500;

export function createClient(parts: ClientParts): Client {
  const { order, manner, machines, agenda, chance, hopMs } = parts;
  const home = chance.one(machines);
  const timeoutMs = parts.timeoutMs ?? chance.one([300, 2_000, 20_000]);
  const open = new Set<Session>();
  let issuedAtMs = 0;
  let told: OutcomeMessage | null = null;
  let isDone = false;
  let sends = 0;

  const choose = () => (manner === "loyal" ? home : chance.one(machines));
  const againLater = () => void agenda.after(chance.between(...PAUSE_MS), () => !isDone && ask(choose()));

  const ask = (machine: Machine) => {
    const session: Session = { machine, link: linkOf(() => session), isOpen: true };
    open.add(session);
    const isFirstSend = manner === "loyal" && sends === 0;
    sends += 1;
    const { requestId, operations } = order;
    const message: Begin = { type: "begin", requestId, issuedAtMs, operations, timeoutMs };
    agenda.after(hopMs(), () => {
      if (!session.isOpen) return;
      const isTaken = machine.ask((node) =>
        node.handlers.client(session.link, isFirstSend ? { ...message, isFirstSend } : message),
      );
      if (!isTaken) fail(session);
    });
    agenda.after(timeoutMs + GRACE_MS + hopMs(), () => {
      if (session.isOpen) fail(session);
    });
  };

  /** No answer comes over this session any more. */
  const fail = (session: Session) => {
    close(session);
    if (!isDone && open.size === 0) againLater();
  };

  const close = (session: Session) => {
    if (!session.isOpen) return;
    session.isOpen = false;
    open.delete(session);
    session.machine.ask((node) => node.handlers.clientGone(session.link));
  };

  const linkOf = (session: () => Session): ClientLink => ({
    send(message: SessionMessage) {
      if (message.type !== "outcome") return;
      const run = session().machine.run();
      if (run !== null) parts.onAnswer(run, message);
      agenda.after(hopMs(), () => session().isOpen && hear(session(), message));
    },
    bufferedBytes: () => 0,
    close: () => fail(session()),
  });

  const hear = (session: Session, outcome: OutcomeMessage) => {
    told = outcome;
    close(session);
    parts.onHear(outcome);
    const isHopeless = !order.mayCommit || outcome.reason?.retryable === false || parts.isByHand();
    if (outcome.outcome !== "unknown" || (parts.isCalm() && isHopeless)) {
      isDone = true;
      for (const other of open) close(other);
    } else if (open.size === 0) againLater();
  };

  return {
    order,
    begin() {
      issuedAtMs = WORLD_BEGINS_MS + Math.round(agenda.nowMs());
      ask(home);
      if (manner === "impatient") {
        const second = chance.one(machines);
        agenda.after(chance.between(...SECOND_ASK_MS), () => !isDone && ask(second));
      }
    },
    lose(name) {
      for (const session of open) {
        if (session.machine.name === name) agenda.after(hopMs(), () => session.isOpen && fail(session));
      }
    },
    told: () => told,
    isDone: () => isDone,
    sends: () => sends,
  };
}
