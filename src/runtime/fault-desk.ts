import { FAULTS } from "../schema/faults.ts";
import type { NodeName } from "../schema/ids.ts";
import type { CutDirection, Injected } from "../schema/injection.ts";
import type { InjectionMessage, SessionMessage } from "../schema/session.ts";
import type { Faults } from "./faults.ts";
import type { Holding } from "./holding.ts";
import type { ClientLink } from "./ports.ts";
import type { Watchers } from "./watchers.ts";

/** What clients may do to a node that was started with fault injection, and what is done to it now. */
export interface FaultDesk {
  receive(link: ClientLink, message: InjectionMessage): void;
  /** Null without fault injection. */
  injected(): Injected | null;
  /** Tells watchers what is injected now. */
  show(): void;
}

export function createFaultDesk(options: {
  readonly name: NodeName;
  readonly faults: Faults | null;
  readonly holding: Holding;
  readonly watchers: Watchers;
  readonly report: (text: string) => void;
  readonly setLinkFault: (peer: NodeName, cut: CutDirection | null) => void;
  /** Everything that a message has brought about goes out. */
  readonly flush: () => void;
}): FaultDesk {
  const { name, faults, holding, watchers, report } = options;
  const cuts = new Map<NodeName, CutDirection>();

  const injected = (): Injected | null =>
    faults && {
      faults: [...faults.armed()],
      points: [...faults.armedPoints()],
      cuts: [...cuts].map(([peer, direction]) => ({ peer, direction })),
      isHolding: holding.isHolding(),
    };
  const show = () => {
    const now = injected();
    if (now !== null) watchers.emit(null, { type: "injected-changed", injected: now });
  };
  const noteFault = (fault: string) => {
    report(`fault: ${fault}`);
    watchers.emit(null, { type: "fault-armed", fault });
    show();
    watchers.flush();
  };
  faults?.onFired((fault) => {
    watchers.emit(null, { type: "fault-fired", fault });
    show();
  });

  const act = (link: ClientLink, message: InjectionMessage, armed: Faults): SessionMessage => {
    switch (message.type) {
      case "arm-fault": {
        armed.arm(message.fault, message.count);
        noteFault(armedWords(message.fault, message.count));
        const words = armed.armed().map(({ fault, count }) => `${fault} ×${count}: ${FAULTS[fault]}`);
        return reply(message.queryId, { armed: words });
      }
      case "arm-crash": {
        const { queryId, point, count } = message;
        if (!armed.armPoint(point, count)) return refuse(queryId, "TPC_USAGE", `there is no point ${point}`);
        noteFault(armedWords(`crash at ${point}`, count));
        return reply(queryId, null);
      }
      case "cut-link": {
        const { queryId, peer, direction, cut } = message;
        options.setLinkFault(peer, cut ? direction : null);
        if (cut) cuts.set(peer, direction);
        else cuts.delete(peer);
        noteFault(cut ? `link to ${peer} cut, ${direction}` : `link to ${peer} healed`);
        return reply(queryId, null);
      }
      case "hold":
        if (message.hold) holding.hold(link);
        else holding.leave(link);
        return reply(message.queryId, null);
      case "release-held":
        return reply(message.queryId, { released: holding.release(message.ids, message.drop) });
    }
  };

  return {
    receive(link, message) {
      const answer = faults
        ? act(link, message, faults)
        : refuse(message.queryId, "TPC_FORBIDDEN", `${name} runs without fault injection`);
      options.flush();
      link.send(answer);
    },
    injected,
    show,
  };
}

function armedWords(fault: string, count: number): string {
  return count === 0 ? `${fault} disarmed` : `${fault} armed ×${count}`;
}

function reply(queryId: number, value: unknown): SessionMessage {
  return { type: "reply", queryId, value, error: null };
}

function refuse(queryId: number, code: string, message: string): SessionMessage {
  return { type: "reply", queryId, value: null, error: { code, message } };
}
