import { invariant } from "../../core/errors.ts";
import type { NodeInput } from "../../core/node.ts";
import type { NodeName, RequestId, StoreId } from "../../schema/ids.ts";
import type { LogRecord } from "../../schema/records.ts";
import { type Choose, everyWay } from "../explore/choices.ts";
import { createInterned } from "../explore/interning.ts";
import type { Action, Model } from "../explore/model.ts";
import { factsOf, messageFactsOf } from "./core-facts.ts";
import { CORE_INVARIANTS, type WorldFacts } from "./core-invariants.ts";
import { canonicalText } from "./node-copy.ts";
import {
  checkpoint,
  crash,
  type Envelope,
  force,
  isForcing,
  makeProcess,
  nodeIdOfProcess,
  type Process,
  restart,
  type Turn,
  urlOf,
} from "./process.ts";
import { keyOf as keyOfTimer, takeTurn } from "./turn.ts";

/*
 * A coordinator and its participants as shipped, over a network that keeps every message ever sent and delivers any of
 * them at any time once a hello has passed: so each may be lost, late, out of order, or come again, also to a later run. Timers may
 * fire whenever they run. What is bounded stands in the options; everything else is every way there is.
 */

export interface CoreModelOptions {
  readonly participants: number;
  /** How often the client sends its one request. */
  readonly beginsMax: number;
  /** Attempts the coordinator makes of it in one run. */
  readonly attemptsMax: number;
  /** Crashes of all processes together, each at any point and with any part of what is not forced kept. */
  readonly crashesMax: number;
  readonly checkpointsMax: number;
  /** How many of the participants, the last ones, only read. */
  readonly readers: number;
  /** Votes other than `yes` and `read-only`: for good, or for now. */
  readonly refusals: readonly ("no" | "busy")[];
  /** Performing and finishing may fail. */
  readonly mayFail: boolean;
  /** Records that every disk says it has before it does: a fault that must be found. */
  readonly lies: readonly LogRecord["type"][];
}

/** Two participants that vote `yes`, one request, one attempt, one crash, honest disks. */
export const SMALL_CLUSTER: CoreModelOptions = {
  participants: 2,
  readers: 0,
  beginsMax: 1,
  attemptsMax: 1,
  crashesMax: 1,
  checkpointsMax: 0,
  refusals: [],
  mayFail: false,
  lies: [],
};

/** A state of the whole: the number of each process's state, the coordinator's first, and that of the set of messages. */
export type CoreState = readonly number[];

export interface CoreModel extends Model<CoreState> {
  facts(state: CoreState): WorldFacts;
}

/** What a process may do, by itself or by a message: its next state and what it says. */
interface Move {
  readonly label: string;
  readonly process: number;
  readonly sent: readonly number[];
}

/** Each step of a process is computed once for each of its own states; the states of the whole only combine them. */
export function coreModel(options: CoreModelOptions): CoreModel {
  const { participants: count, crashesMax, checkpointsMax } = options;
  const participantNames = Array.from({ length: count }, (_, index) => `p${index + 1}` as NodeName);
  const names = ["coordinator" as NodeName, ...participantNames];
  const processes = createInterned<Process>(canonicalText);
  const envelopes = createInterned<Envelope>(canonicalText);
  const messageSets = createInterned<readonly number[]>((ids) => ids.join());
  const transactions = createInterned<string>((id) => id);
  const bitOf = (transactionId: string) => 1 << transactions.idOf(transactionId);
  const messagesAt = count + 1;
  const choose = limited(options);

  const movesOf = (run: (choose: Choose) => Turn, label: string): Move[] =>
    everyWay((pick) => run(choose(pick))).flatMap(({ chosen, result: { process, sent } }) => {
      if ((process.node?.coordinator.nextCounter ?? 0) > options.attemptsMax + 1) return [];
      const words = chosen.filter((word) => word !== "works");
      return [
        {
          label: words.length > 0 ? `${label} (${words.join(", ")})` : label,
          process: processes.idOf(process),
          sent: sent.map(envelopes.idOf),
        },
      ];
    });
  const inputMoves = (process: Process, input: NodeInput, label: string): Move[] =>
    process.node ? movesOf((pick) => takeTurn(process, [input], pick), label) : [];

  const ownMoves = remember((id: number): Move[] => {
    const process = processes.at(id);
    const { name } = process;
    if (!process.node) {
      const others = names.filter((other) => other !== name);
      return movesOf((pick) => restart(process, others, pick), `restart ${name}`);
    }
    const moves = process.timers.flatMap((timer) => {
      const idle = { ...process, timers: process.timers.filter((other) => other !== timer) };
      return inputMoves(idle, { type: "timer-fired", timer }, `${name}: ${keyOfTimer(timer)}`);
    });
    if (name === names[0] && process.begins < options.beginsMax) {
      moves.push(
        ...inputMoves(
          { ...process, begins: process.begins + 1 },
          beginOf(participantNames, options.readers),
          "begin",
        ),
      );
    }
    if (isForcing(process)) moves.push(...movesOf((pick) => force(process, pick), `${name}: force`));
    if (process.checkpoints < checkpointsMax && process.log.length > 1) {
      moves.push(...movesOf((pick) => checkpoint(process, pick), `${name}: checkpoint`));
    }
    return moves;
  });

  const crashMoves = remember((id: number): Move[] => {
    const process = processes.at(id);
    if (!process.node) return [];
    return Array.from({ length: process.log.length - process.forcedCount + 1 }, (_, kept) => ({
      label: `crash ${process.name}, keeping ${kept}`,
      process: processes.idOf(crash(process, kept)),
      sent: [],
    }));
  });

  const deliveries = remember((id: number) =>
    remember((envelope: number): Move[] => {
      const { from, to, message } = envelopes.at(envelope);
      // On the wire nothing passes before a hello; after it, also what was sent to an earlier run.
      const peer = processes.at(id).node?.peers.get(from);
      if (!peer || peer.nodeId === null) return [];
      const label = `${message.type} ${from} → ${to}`;
      return inputMoves(processes.at(id), { type: "message-received", from, message }, label);
    }),
  );

  const connection = remember((id: number) =>
    remember((other: number): Move[] => {
      const process = processes.at(id);
      const peer = processes.at(other);
      const { name, epoch } = peer;
      const input = {
        type: "peer-connected",
        name,
        url: urlOf(name),
        nodeId: nodeIdOfProcess(peer),
        epoch,
      } as const;
      return inputMoves(process, input, `connect ${process.name} and ${name}`);
    }),
  );

  const disconnection = remember((id: number) =>
    remember((at: number): number => {
      const process = processes.at(id);
      const name = names[at];
      if (!name || process.node?.peers.get(name)?.isConnected !== true) return id;
      const { process: next } = takeTurn(process, [{ type: "peer-disconnected", name }], (all) => all[0]);
      return processes.idOf(next);
    }),
  );

  const plus = remember((set: number) =>
    remember((envelope: number): number => {
      const ids = messageSets.at(set);
      if (ids.includes(envelope)) return set;
      return messageSets.idOf([...ids, envelope].sort((one, other) => one - other));
    }),
  );
  const moved = (state: CoreState, at: number, move: Move): CoreState => {
    const next = state.with(at, move.process);
    const set = move.sent.reduce((ids, envelope) => plus(ids)(envelope), setOf(state));
    return next.with(messagesAt, set);
  };
  const setOf = (state: CoreState): number => state[messagesAt] ?? 0;
  const idOf = (state: CoreState, at: number): number => state[at] ?? 0;
  const receivers = remember((set: number) =>
    messageSets.at(set).map((envelope) => ({ envelope, at: names.indexOf(envelopes.at(envelope).to) })),
  );
  const crashesOf = remember((id: number) => processes.at(id).crashes);
  const isUp = remember((id: number) => processes.at(id).node !== null);
  const isLinked = (state: CoreState, one: number, other: number): boolean => {
    const name = names[other];
    return name !== undefined && processes.at(idOf(state, one)).node?.peers.get(name)?.isConnected === true;
  };

  function* actions(state: CoreState): Generator<Action<CoreState>> {
    let crashes = 0;
    for (let at = 0; at < names.length; at += 1) crashes += crashesOf(idOf(state, at));
    for (let at = 0; at < names.length; at += 1) {
      for (const move of ownMoves(idOf(state, at))) yield { label: move.label, next: moved(state, at, move) };
      if (crashes < crashesMax) {
        for (const move of crashMoves(idOf(state, at))) {
          const gone = state.map((id, other) =>
            other === at ? move.process : other === messagesAt ? id : disconnection(id)(at),
          );
          yield { label: move.label, next: gone };
        }
      }
    }
    for (const { envelope, at } of receivers(setOf(state))) {
      for (const move of deliveries(idOf(state, at))(envelope)) {
        yield { label: move.label, next: moved(state, at, move) };
      }
    }
    yield* connections(state);
  }

  function* connections(state: CoreState): Generator<Action<CoreState>> {
    for (let one = 0; one < names.length; one += 1) {
      for (let other = one + 1; other < names.length; other += 1) {
        const [first, second] = [idOf(state, one), idOf(state, other)];
        if (!isUp(first) || !isUp(second) || isLinked(state, one, other)) continue;
        for (const here of connection(first)(second)) {
          for (const there of connection(second)(first)) {
            yield { label: here.label, next: moved(moved(state, one, here), other, there) };
          }
        }
      }
    }
  }

  const processFacts = remember((id: number) => factsOf(processes.at(id), bitOf));
  const sentFacts = remember((set: number) => messageFactsOf(messageSets.at(set).map(envelopes.at), bitOf));
  const worldFacts = (state: CoreState): WorldFacts => ({
    coordinator: processFacts(idOf(state, 0)),
    participants: participantNames.map((name, index) => [name, processFacts(idOf(state, index + 1))]),
    sent: sentFacts(setOf(state)),
  });

  const unstarted = names.map((name, index) =>
    makeProcess({
      name,
      storeId: String(index).padStart(12, "0") as StoreId,
      isParticipant: index > 0,
      lies: options.lies,
    }),
  );
  const started = unstarted.map((process) => {
    const others = names.filter((other) => other !== process.name);
    return processes.idOf(restart(process, others, (all) => all[0]).process);
  });
  return {
    name: "core",
    facts: worldFacts,
    initial: [connectAll([...started, messageSets.idOf([])], connections)],
    actions,
    key: (state) => String.fromCharCode(...state.flatMap((id) => [id >>> 16, id & 0xffff])),
    invariants: Object.entries(CORE_INVARIANTS).map(([name, holds]) => ({
      name,
      holds: (state) => holds(worldFacts(state)),
    })),
  };
}

/** A cluster begins with everybody connected; what happens without is seen after crashes. */
function connectAll(
  state: CoreState,
  connections: (state: CoreState) => Iterable<Action<CoreState>>,
): CoreState {
  let connected = state;
  for (;;) {
    const [first] = [...connections(connected)];
    if (!first) return connected;
    connected = first.next;
  }
}

function beginOf(participants: readonly NodeName[], readers: number): NodeInput {
  const operations = participants.map((participant, index) => ({
    participant,
    op: index < participants.length - readers ? "post" : "read",
  }));
  const request = { requestId: "r" as RequestId, issuedAtMs: 1, operations, timeoutMs: 1, digest: "d" };
  return { type: "begin-received", request };
}

/** Lets a store choose only what the options allow. */
function limited({ refusals, mayFail }: CoreModelOptions): (choose: Choose) => Choose {
  const allowed = new Set<string>(["yes", "read-only", "works", ...refusals, ...(mayFail ? ["fails"] : [])]);
  const isAllowed = (option: string): boolean => allowed.has(option);
  return (choose) => (options) => {
    const [first, ...rest] = options.filter(isAllowed);
    invariant(first !== undefined, `none of ${options.join(", ")} is allowed`);
    return choose([first, ...rest]);
  };
}

/** Computes each result once. */
function remember<Argument, Result>(compute: (argument: Argument) => Result): (argument: Argument) => Result {
  const known = new Map<Argument, Result>();
  return (argument) => {
    const before = known.get(argument);
    if (before !== undefined) return before;
    const result = compute(argument);
    known.set(argument, result);
    return result;
  };
}
