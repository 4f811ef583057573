import type { Timer } from "../../core/effects.ts";
import { invariant } from "../../core/errors.ts";
import type { NodeInput } from "../../core/node.ts";
import { type Choose, everyWay } from "../explore/choices.ts";
import { createInterned, type Interned } from "../explore/interning.ts";
import { remember, rememberById } from "../explore/remember.ts";
import { withoutIndifferent } from "./indifferent.ts";
import { beginOf, type Member, REQUEST } from "./members.ts";
import { canonicalText } from "./node-copy.ts";
import { noteToTake, operatorWords } from "./operator.ts";
import type { CoreModelOptions } from "./options.ts";
import {
  checkpoint,
  crash,
  type Envelope,
  force,
  isForcing,
  nodeIdOfProcess,
  type Process,
  restart,
  type Turn,
  unforcedCount,
  urlOf,
  writeBack,
} from "./process.ts";
import { keyOf as keyOfTimer, takeTurn } from "./turn.ts";

/** What a process may do, by itself or by a message: its next state and what it says. */
export interface Move {
  /** The command of a golden trace that does it, and in brackets what the store chose. */
  readonly label: string;
  readonly process: number;
  readonly sent: readonly number[];
  /** More attempts than the options allow; only who wants to see the end goes on from here. */
  readonly isBeyond: boolean;
}

/**
 * Each step of a process is computed once for each of its own states; the states of the whole only combine them.
 * The first of the moves returned is always the one in which nothing fails and everybody says yes.
 */
export interface Moves {
  readonly processes: Interned<Process>;
  readonly envelopes: Interned<Envelope>;
  begin(process: number, isFirstSend: boolean): readonly Move[];
  /** A request of its own, after everything: to see whether all is as it was. */
  beginAfter(process: number): readonly Move[];
  restart(process: number): readonly Move[];
  force(process: number): readonly Move[];
  writeBack(process: number): readonly Move[];
  checkpoint(process: number): readonly Move[];
  fire(process: number, timer: Timer): readonly Move[];
  resolve(process: number): readonly Move[];
  /** What an operator does who is asked to. */
  takeNote(process: number): readonly Move[];
  crash(process: number): readonly Move[];
  deliver(process: number, envelope: number): readonly Move[];
  connect(process: number, other: number): readonly Move[];
  /** The state of a process that has lost the connection to the member at `at`. */
  disconnect(process: number, at: number): number;
  /** The same state, with one more link cut. */
  countCut(process: number): number;
}

const NONE: readonly Move[] = [];

export function createMoves(options: CoreModelOptions, members: readonly Member[]): Moves {
  const processes = createInterned<Process>(canonicalText);
  const envelopes = createInterned<Envelope>(canonicalText);
  const allow = limited(options);
  /** The tables of a process that has just taken a turn are nobody else's. */
  const idAfter = (process: Process): number =>
    processes.idOf(options.isReduced ? withoutIndifferent(process) : process);
  const others = (process: Process) =>
    members.map(({ name }) => name).filter((name) => name !== process.name);

  const movesOf = (run: (choose: Choose) => Turn, label: string): readonly Move[] =>
    everyWay((pick) => run(allow(pick))).map(({ chosen, result: { process, sent } }) => {
      const words = chosen.filter((word) => word !== "works" && word !== "yes" && word !== "read-only");
      return {
        label: words.length > 0 ? `${label} (${words.join(", ")})` : label,
        process: idAfter(process),
        sent: sent.map(envelopes.idOf),
        isBeyond: (process.node?.coordinator.nextCounter ?? 0) > options.attemptsMax + 1,
      };
    });
  const inputMoves = (process: Process, input: NodeInput, label: string): readonly Move[] =>
    process.node ? movesOf((pick) => takeTurn(process, [input], pick), label) : NONE;
  const beginMoves = (id: number, requestId: string, isFirstSend: boolean): readonly Move[] => {
    const process = processes.at(id);
    const input = beginOf(members, options.readers, { requestId, isFirstSend });
    const label = `begin ${process.name} ${requestId}${isFirstSend ? "" : " again"}`;
    return inputMoves({ ...process, begins: process.begins + 1 }, input, label);
  };
  const beginFirst = rememberById((id) => beginMoves(id, REQUEST, true));
  const beginAgain = rememberById((id) => beginMoves(id, REQUEST, false));
  const fire = rememberById((id) =>
    remember((key: string): readonly Move[] => {
      const process = processes.at(id);
      const timer = process.timers.find((each) => keyOfTimer(each) === key);
      invariant(timer, `${process.name} runs no timer ${key}`);
      const idle = { ...process, timers: process.timers.filter((other) => other !== timer) };
      return inputMoves(idle, { type: "timer-fired", timer }, `fire ${process.name} ${key}`);
    }),
  );
  const deliver = rememberById((id) =>
    rememberById((envelope): readonly Move[] => {
      const { from, to, message } = envelopes.at(envelope);
      // On the wire nothing passes before a hello; after it, also what was sent to an earlier run.
      const peer = processes.at(id).node?.peers.get(from);
      if (!peer || peer.nodeId === null) return NONE;
      const label = `pass ${message.type} ${from} ${to}`;
      return inputMoves(processes.at(id), { type: "message-received", from, message }, label);
    }),
  );
  const connect = rememberById((id) =>
    rememberById((other): readonly Move[] => {
      const { name, epoch } = processes.at(other);
      const nodeId = nodeIdOfProcess(processes.at(other));
      const input = { type: "peer-connected", name, url: urlOf(name), nodeId, epoch } as const;
      return inputMoves(processes.at(id), input, `heal ${processes.at(id).name} ${name}`);
    }),
  );
  const disconnect = rememberById((id) =>
    rememberById((at): number => {
      const process = processes.at(id);
      const name = members[at]?.name;
      if (!name || process.node?.peers.get(name)?.isConnected !== true) return id;
      const { process: next } = takeTurn(process, [{ type: "peer-disconnected", name }], ([first]) => first);
      return idAfter(next);
    }),
  );

  return {
    processes,
    envelopes,
    begin: (id, isFirstSend) => (isFirstSend ? beginFirst(id) : beginAgain(id)),
    beginAfter: rememberById((id) => beginMoves(id, `after-${processes.at(id).name}`, true)),
    restart: rememberById((id) => {
      const process = processes.at(id);
      return movesOf((pick) => restart(process, others(process), pick), `restart ${process.name}`);
    }),
    force: rememberById((id) => {
      const process = processes.at(id);
      if (!isForcing(process)) return NONE;
      return movesOf((pick) => force(process, pick), `sync ${process.name}`);
    }),
    writeBack: rememberById((id) => {
      const process = processes.at(id);
      if (!options.writesBack || isForcing(process) || unforcedCount(process) === 0) return NONE;
      return movesOf(() => writeBack(process), `sync ${process.name}`);
    }),
    checkpoint: rememberById((id) => {
      const process = processes.at(id);
      return movesOf((pick) => checkpoint(process, pick), `checkpoint ${process.name}`);
    }),
    fire: (id, timer) => fire(id)(keyOfTimer(timer)),
    resolve: rememberById((id) => {
      const process = processes.at(id);
      const asked = { ...process, resolves: process.resolves + 1 };
      return operatorWords(process).flatMap(({ command, input }) => inputMoves(asked, input, command));
    }),
    takeNote: rememberById((id) => {
      const process = processes.at(id);
      const word = noteToTake(process);
      return word ? inputMoves(process, word.input, word.command) : NONE;
    }),
    crash: rememberById((id) => {
      const process = processes.at(id);
      if (!process.node) return NONE;
      return Array.from({ length: unforcedCount(process) + 1 }, (_, kept) => ({
        label: `crash ${process.name} ${kept}`,
        process: processes.idOf(crash(process, kept)),
        sent: [],
        isBeyond: false,
      }));
    }),
    deliver: (id, envelope) => deliver(id)(envelope),
    connect: (id, other) => connect(id)(other),
    disconnect: (id, at) => disconnect(id)(at),
    countCut: rememberById((id) => {
      const process = processes.at(id);
      return processes.idOf({ ...process, cuts: process.cuts + 1 });
    }),
  };
}

/** Lets a store choose only what the options allow. */
function limited({ refusals, mayFail }: CoreModelOptions): (choose: Choose) => Choose {
  const failures = mayFail ? ["perform-fails", "finish-fails"] : [];
  const allowed = new Set<string>(["yes", "read-only", "works", ...refusals, ...failures]);
  const isAllowed = (option: string): boolean => allowed.has(option);
  return (choose) => (options) => {
    const [first, ...rest] = options.filter(isAllowed);
    invariant(first !== undefined, `none of ${options.join(", ")} is allowed`);
    return choose([first, ...rest]);
  };
}
