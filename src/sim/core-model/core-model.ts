import type { Timer } from "../../core/effects.ts";
import { createInterned } from "../explore/interning.ts";
import type { Action, Model } from "../explore/model.ts";
import { rememberById } from "../explore/remember.ts";
import { CORE_INVARIANTS, type WorldFacts } from "./core-invariants.ts";
import { createFactFinder } from "./fact-finder.ts";
import { type Member, membersOf } from "./members.ts";
import { createMoves, type Move, type Moves } from "./moves.ts";
import type { CoreModelOptions } from "./options.ts";
import { type Envelope, makeProcess, type Process, restart } from "./process.ts";
import { heardAfter, type Refinement, refineTCommit, refineTwoPhase } from "./refinement.ts";
import { createRepetition } from "./repetition.ts";
import { createSettling, type Settling } from "./settling.ts";

/*
 * Coordinators and participants as shipped, over a network that keeps every message ever sent and delivers any of
 * them at any time once a hello has passed: so each may be lost, late, out of order, or come again, also to a later run.
 * Timers may fire whenever they run.
 */

/** A state of the whole: the number of each process's state, that of the set of messages, and the votes heard (history). */
export type CoreState = readonly number[];

export interface CoreAction extends Action<CoreState> {
  /** Who moves; with `other` two are connected or cut off. */
  readonly at: number;
  /** The message that is delivered. */
  readonly passed?: number;
  /** What is said, in order. */
  readonly sent: readonly number[];
}

export interface CoreModel extends Model<CoreState, CoreAction> {
  readonly options: CoreModelOptions;
  readonly members: readonly Member[];
  readonly moves: Moves;
  facts(state: CoreState): WorldFacts;
  processAt(state: CoreState, at: number): Process;
  envelope(id: number): Envelope;
  /** The state after a move of the process at `at`. */
  after(state: CoreState, at: number, move: Pick<Move, "process" | "sent">): CoreState;
  /** Both ends of a connection hear of it, one after the other; nothing where one is down or they are connected. */
  connect(state: CoreState, one: number, other: number): readonly CoreAction[];
}

export interface CheckedCoreModel extends CoreModel {
  readonly settling: Settling | null;
  readonly refinement: Refinement | null;
}

interface Spent {
  readonly crashes: number;
  readonly cuts: number;
  readonly resolves: number;
  readonly begins: number;
  /** The client was told of an abort here: who asks again wants another one, and what was told before says nothing of it. */
  readonly isDone: boolean;
  /** The client has promised to send the request to nobody else before it is answered here. */
  readonly isPromised: boolean;
}

/** The shipped core with everything that is to be checked of it. */
export function coreModel(options: CoreModelOptions): CheckedCoreModel {
  const bare = bareModel(options);
  const refinement = refinementOf(bare);
  const model = refinement?.of === "two-phase" ? withVotesHeard(bare) : bare;
  const settling = options.checksSettling ? createSettling(model) : null;
  return {
    ...model,
    settling,
    refinement,
    stepInvariants: refinement ? [refinement.stepInvariant] : [],
    invariants: [...model.invariants, ...(settling?.invariants ?? [])],
    showBroken: (state, invariant, last) =>
      settling?.isAbout(invariant)
        ? settling.show(state, invariant)
        : (model.showBroken?.(state, invariant, last) ?? []),
  };
}

/** Null where nothing is to be refined, or nobody updates anything. */
function refinementOf({ options, members, facts }: CoreModel): Refinement | null {
  const updaters = updatersOf(options, members);
  if (options.refines === null || updaters.length === 0) return null;
  if (options.refines === "t-commit") return refineTCommit({ updaters, facts });
  return refineTwoPhase({ updaters, facts, heardIn: (state) => state[members.length + 1] ?? 0 });
}

function updatersOf({ participants, readers }: CoreModelOptions, members: readonly Member[]): string[] {
  const names = members.filter(({ isParticipant }) => isParticipant).map(({ name }) => name);
  return names.slice(0, participants - readers);
}

/** The votes that the coordinator has heard stay part of the state when it has forgotten them. */
function withVotesHeard(model: CoreModel): CoreModel {
  const updaters = updatersOf(model.options, model.members);
  const heardAt = model.members.length + 1;
  return {
    ...model,
    *actions(state) {
      const before = state[heardAt] ?? 0;
      for (const action of model.actions(state)) {
        const heard = heardAfter(model.facts(action.next), updaters, before);
        yield heard === before ? action : { ...action, next: action.next.with(heardAt, heard) };
      }
    },
  };
}

function bareModel(options: CoreModelOptions): CoreModel {
  const members = membersOf(options);
  const moves = createMoves(options, members);
  const { processes, envelopes } = moves;
  const messageSets = createInterned<readonly number[]>((ids) => ids.join());
  const messagesAt = members.length;
  const everybody = members.map((_, at) => at);
  const mayCrash = everybody.filter(
    (at) => options.crashing === "everybody" || members[at]?.isCoordinator === true,
  );
  // Who may want to send it to several nodes at once does not promise to wait for the first.
  const firstSends = options.coordinators > 1 ? [true, false] : [true];
  const repetition = createRepetition(moves);

  const idOf = (state: CoreState, at: number): number => state[at] ?? 0;
  const setOf = (state: CoreState): number => state[messagesAt] ?? 0;
  const plus = rememberById((set) =>
    rememberById((envelope): number => {
      const ids = messageSets.at(set);
      if (ids.includes(envelope)) return set;
      return messageSets.idOf([...ids, envelope].sort((one, other) => one - other));
    }),
  );
  const after: CoreModel["after"] = (state, at, move) => {
    const next = state.slice();
    next[at] = move.process;
    let set = setOf(state);
    for (const envelope of move.sent) set = plus(set)(envelope);
    next[messagesAt] = set;
    return next;
  };
  const take = (state: CoreState, at: number, move: Move): CoreAction => ({
    label: move.label,
    next: after(state, at, move),
    at,
    sent: move.sent,
  });

  const places = new Map(members.map(({ name }, at) => [name, at]));
  const receivers = rememberById((set) =>
    messageSets
      .at(set)
      .map((envelope) => ({ envelope, at: places.get(envelopes.at(envelope).to) ?? messagesAt })),
  );
  const isUp = rememberById((id) => processes.at(id).node !== null);
  const linked = rememberById((id) =>
    members.map(({ name }) => processes.at(id).node?.peers.get(name)?.isConnected === true),
  );
  const spent = rememberById((id): Spent => {
    const { crashes, cuts, resolves, begins, told, node } = processes.at(id);
    const isDone = told.some((text) => text.startsWith("aborted "));
    const isPromised = [...(node?.coordinator.requests.values() ?? [])].some(
      ({ phase, isOnlyHere }) => phase !== "settled" && isOnlyHere,
    );
    return { crashes, cuts, resolves, begins, isDone, isPromised };
  });
  const early = rememberById((id): readonly Timer[] => {
    const { timers } = processes.at(id);
    const givesUp = ({ kind }: Timer) => kind === "vote-timeout" || kind === "deadline";
    switch (options.timers) {
      case "all":
        return timers;
      case "patient":
        return timers.filter((timer) => !givesUp(timer));
      case "impatient":
        return timers.filter(givesUp);
      case "none":
        return [];
    }
  });
  const ownMoves = rememberById((id): readonly Move[] => {
    const { checkpoints, log, node } = processes.at(id);
    if (!node) return moves.restart(id);
    const mayCheckpoint = checkpoints < options.checkpointsMax && log.length > 1;
    const all = [
      ...early(id).flatMap((timer) => moves.fire(id, timer)),
      ...moves.force(id),
      ...moves.writeBack(id),
      ...(mayCheckpoint ? moves.checkpoint(id) : []),
    ];
    return all.filter(({ isBeyond }) => !isBeyond);
  });

  const cutOff = (state: CoreState, at: number): CoreState =>
    state.map((id, other) => (other === at || other >= messagesAt ? id : moves.disconnect(id, at)));
  const connect: CoreModel["connect"] = (state, one, other) => {
    const [first, second] = [idOf(state, one), idOf(state, other)];
    if (!isUp(first) || !isUp(second) || linked(first)[other]) return [];
    const within = ({ isBeyond }: Move) => !isBeyond;
    return moves
      .connect(first, second)
      .filter(within)
      .flatMap((here) =>
        moves
          .connect(second, first)
          .filter(within)
          .map((there) => ({
            label: here.label,
            next: after(after(state, one, here), other, there),
            at: one,
            sent: [...here.sent, ...there.sent],
          })),
      );
  };

  function* actions(state: CoreState): Generator<CoreAction> {
    let [crashes, cuts, resolves, begins, isDone, promised] = [0, 0, 0, 0, false, -1];
    for (const at of everybody) {
      const one = spent(idOf(state, at));
      crashes += one.crashes;
      cuts += one.cuts;
      resolves += one.resolves;
      begins += one.begins;
      isDone ||= one.isDone;
      if (one.isPromised) promised = at;
    }
    for (const at of everybody) {
      const id = idOf(state, at);
      const mayBegin = members[at]?.isCoordinator && spent(id).begins < options.beginsMax && !isDone;
      if (mayBegin && (promised < 0 || promised === at)) {
        for (const isFirstSend of begins > 0 ? [false] : firstSends) {
          for (const move of moves.begin(id, isFirstSend)) if (!move.isBeyond) yield take(state, at, move);
        }
      }
      for (const move of ownMoves(id)) {
        const broken = isUp(id) ? undefined : repetition.ofRestart(move);
        yield broken ? { ...take(state, at, move), broken } : take(state, at, move);
      }
      if (resolves < options.resolvesMax) {
        for (const move of moves.resolve(id)) yield take(state, at, move);
      }
    }
    if (crashes < options.crashesMax) {
      for (const at of mayCrash) {
        for (const move of moves.crash(idOf(state, at))) {
          yield { ...take(cutOff(state, at), at, move) };
        }
      }
    }
    for (const { envelope, at } of receivers(setOf(state))) {
      const id = idOf(state, at);
      for (const move of moves.deliver(id, envelope)) {
        if (move.isBeyond) continue;
        const broken = repetition.ofDelivery(envelope, move);
        const action = { ...take(state, at, move), passed: envelope };
        yield broken ? { ...action, broken } : action;
      }
    }
    for (const one of everybody) {
      for (let other = one + 1; other < messagesAt; other += 1) {
        yield* connect(state, one, other);
        if (cuts < options.cutsMax) yield* cut(state, one, other);
      }
    }
  }

  function* cut(state: CoreState, one: number, other: number): Generator<CoreAction> {
    const [first, second] = [idOf(state, one), idOf(state, other)];
    if (!linked(first)[other]) return;
    const here = moves.countCut(moves.disconnect(first, other));
    const there = moves.disconnect(second, one);
    const next = state.slice();
    next[one] = here;
    next[other] = there;
    const label = `partition ${members[one]?.name} ${members[other]?.name}`;
    yield { label, next, at: one, sent: [] };
  }

  const finder = createFactFinder({ members, moves, messages: (set) => messageSets.at(set) });
  const start = members.map((member) => {
    const process = makeProcess({ ...member, lies: options.lies });
    const others = members.map(({ name }) => name).filter((name) => name !== member.name);
    return processes.idOf(restart(process, others, ([first]) => first).process);
  });
  return {
    name: "core",
    options,
    members,
    moves,
    facts: finder.facts,
    processAt: (state, at) => processes.at(idOf(state, at)),
    envelope: envelopes.at,
    after,
    connect,
    initial: [connectAll([...start, messageSets.idOf([]), 0], everybody, connect)],
    actions,
    key: keyOf,
    invariants: Object.keys(CORE_INVARIANTS).map((name) => ({
      name,
      holds: (state) => !finder.brokenIn(state).includes(name),
    })),
    showBroken: (_, invariant, last) => (last && repetition.isAbout(invariant) ? repetition.again(last) : []),
  };
}

function keyOf(state: CoreState): string {
  let key = "";
  for (const id of state) key += String.fromCharCode(id >>> 16, id & 0xffff);
  return key;
}

/** A cluster begins with everybody connected; what happens without is seen after crashes and cuts. */
function connectAll(
  state: CoreState,
  everybody: readonly number[],
  connect: CoreModel["connect"],
): CoreState {
  let connected = state;
  for (const one of everybody) {
    for (const other of everybody) {
      if (one < other) connected = connect(connected, one, other)[0]?.next ?? connected;
    }
  }
  return connected;
}
