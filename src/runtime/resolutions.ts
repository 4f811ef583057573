import type { NodeInput } from "../core/node.ts";
import type { NodeState } from "../core/node-state.ts";
import { previewResolve, type ResolveRequest } from "../core/resolve-desk.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { LogRecord } from "../schema/records.ts";
import type { Resolution, Resolve } from "../schema/session.ts";
import type { ClientLink } from "./ports.ts";

/** Operators' decisions: shown first, carried out on demand, and confirmed when they are on disk. */
export interface Resolutions {
  receive(link: ClientLink, message: Resolve): void;
  /** A record is on disk: whoever waits for it is told. */
  forced(record: LogRecord): void;
}

export function createResolutions(options: {
  readonly state: NodeState;
  readonly wallMs: () => number;
  readonly push: (input: NodeInput) => void;
  /** Watchers shall be told everything about it. */
  readonly attend: (transactionId: TransactionId) => void;
  readonly report: (text: string) => void;
  readonly alarmsAbout: (transactionId: TransactionId) => readonly string[];
  readonly clearAlarm: (text: string) => void;
}): Resolutions {
  const { state, wallMs, push, report } = options;
  /**
   * Alarms about what is not known here any more, such as a commit of what was lost with the store: nothing else would end them
   * before a restart. Should their cause go on, they are raised anew.
   */
  const leftOver = ({ transactionId, action }: ResolveRequest): readonly string[] => {
    const { participant, coordinator } = state;
    const isKnown =
      participant.transactions.has(transactionId) || coordinator.transactions.has(transactionId);
    return action !== "forget" || isKnown ? [] : options.alarmsAbout(transactionId);
  };
  const waiting = new Map<TransactionId, (() => void)[]>();
  return {
    receive(link, message) {
      const { queryId, transactionId, action, by, reason, acceptHazard } = message;
      const request: ResolveRequest = {
        transactionId,
        action,
        acceptHazard,
        verdict: { by, reason, atMs: wallMs() },
      };
      const alarms = leftOver(request);
      const note = { accepted: true, text: `take note: ${alarms.join("; ")}`, mayBreakAtomicity: false };
      const preview = alarms.length > 0 ? note : previewResolve(state, request);
      const value: Resolution = { transactionId, node: state.self.name, ...preview };
      const answer = () => link.send({ type: "reply", queryId, value, error: null });
      if (message.preview || !preview.accepted) return answer();
      options.attend(transactionId);
      report(`${by} settles ${transactionId}: ${action} (${reason})`);
      if (alarms.length > 0) {
        for (const alarm of alarms) options.clearAlarm(alarm);
        return answer();
      }
      waiting.set(transactionId, [...(waiting.get(transactionId) ?? []), answer]);
      push({ type: "resolve-asked", request });
    },
    forced(record) {
      if (record.type !== "heuristic" && record.type !== "heuristic-end" && record.type !== "released")
        return;
      const answers = waiting.get(record.transactionId) ?? [];
      waiting.delete(record.transactionId);
      for (const answer of answers) answer();
    },
  };
}
