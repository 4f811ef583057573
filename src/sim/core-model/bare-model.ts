import type { Packing } from "../explore/model.ts";
import { rememberById } from "../explore/remember.ts";
import { CORE_INVARIANTS } from "./core-invariants.ts";
import type { CoreAction, CoreModel, CoreState } from "./core-model.ts";
import { createFactFinder } from "./fact-finder.ts";
import { type CheckedMove, createLocalMoves } from "./local-moves.ts";
import { membersOf } from "./members.ts";
import { createMessageSets } from "./message-sets.ts";
import { createMoves, type Move } from "./moves.ts";
import type { CoreModelOptions } from "./options.ts";
import { makeProcess, restart } from "./process.ts";
import { createSpentMessages } from "./spent-messages.ts";
import { createSymmetry } from "./symmetry.ts";

/** The shipped core and everything that may happen to it, with what must hold in every state. */
export function bareModel(options: CoreModelOptions): CoreModel {
  const members = membersOf(options);
  const moves = createMoves(options, members);
  const { processes, envelopes } = moves;
  const local = createLocalMoves(options, members, moves);
  const { isUp, isLinked, spent } = local;
  const sets = createMessageSets();
  const messagesAt = members.length;
  const everybody = members.map((_, at) => at);
  const mayCrash = everybody.filter(
    (at) => options.crashing === "everybody" || members[at]?.isCoordinator === true,
  );
  // Who may want to send it to several nodes at once does not promise to wait for the first.
  const firstSends = options.coordinators > 1 ? [true, false] : [true];
  const places = new Map(members.map(({ name }, at) => [name, at]));
  const receiver = rememberById((envelope) => places.get(envelopes.at(envelope).to) ?? messagesAt);

  const finder = createFactFinder({ members, moves });
  const { nothingSent, sentAlso } = finder;
  const messages = createSpentMessages({ local, sets, receiver, sentAlso, setAt: messagesAt });
  const symmetry = createSymmetry({ members, moves, sets, finder, readers: options.readers });
  const idOf = (state: CoreState, at: number): number => state[at] ?? 0;
  const setOf = (state: CoreState): number => state[messagesAt] ?? 0;
  /** The very same state where nothing changes. */
  const after: CoreModel["after"] = (state, at, { process, sent }) => {
    const before = idOf(state, at);
    let [set, said] = [setOf(state), state[messagesAt + 1] ?? 0];
    for (const envelope of sent) {
      set = sets.plus(set, envelope);
      said = sentAlso(said, envelope);
    }
    if (process === before && set === setOf(state)) return state;
    if (process !== before) messages.note(before, process);
    const next = state.slice();
    next[at] = process;
    next[messagesAt] = set;
    next[messagesAt + 1] = said;
    return next;
  };
  /** Without what can change nothing any more; the very same where that was all that changed. */
  const settled = (before: CoreState, next: CoreState): CoreState => {
    if (!options.isReduced || next === before) return next;
    const set = messages.withoutSpent(next);
    if (set === setOf(next)) return next;
    const less = next.with(messagesAt, set);
    return less.every((number, place) => number === before[place]) ? before : less;
  };
  const take = (state: CoreState, at: number, move: Move): CoreAction => ({
    label: move.label,
    next: settled(state, after(state, at, move)),
    at,
    sent: move.sent,
  });
  const takeChecked = (state: CoreState, at: number, { move, broken }: CheckedMove): CoreAction =>
    broken ? { ...take(state, at, move), broken } : take(state, at, move);

  const lose = (id: number, at: number): number => {
    const alone = moves.disconnect(id, at);
    if (alone !== id) messages.note(id, alone);
    return alone;
  };
  const cutOff = (state: CoreState, at: number): CoreState =>
    state.map((id, other) => (other === at || other >= messagesAt ? id : lose(id, at)));
  const connect: CoreModel["connect"] = (state, one, other) => {
    const [first, second] = [idOf(state, one), idOf(state, other)];
    if (isLinked(first, other) || !isUp(first) || !isUp(second)) return [];
    return local.connections(first, second).map(([here, there]) => ({
      label: here.label,
      next: settled(state, after(after(state, one, here), other, there)),
      at: one,
      sent: [...here.sent, ...there.sent],
    }));
  };
  const cut = (state: CoreState, one: number, other: number): CoreAction => {
    const next = state.slice();
    next[one] = moves.countCut(moves.disconnect(idOf(state, one), other));
    messages.note(idOf(state, one), next[one]);
    next[other] = lose(idOf(state, other), one);
    const label = `partition ${members[one]?.name} ${members[other]?.name}`;
    return { label, next: settled(state, next), at: one, sent: [] };
  };

  const actions = (state: CoreState): CoreAction[] => {
    const all: CoreAction[] = [];
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
          for (const move of local.begins(id, isFirstSend)) all.push(take(state, at, move));
        }
      }
      for (const checked of local.own(id)) all.push(takeChecked(state, at, checked));
      if (resolves < options.resolvesMax) {
        for (const move of moves.resolve(id)) all.push(take(state, at, move));
      }
    }
    if (crashes < options.crashesMax) {
      for (const at of mayCrash) {
        for (const move of moves.crash(idOf(state, at))) all.push(take(cutOff(state, at), at, move));
      }
    }
    for (const envelope of sets.messagesOf(setOf(state))) {
      const at = receiver(envelope);
      for (const checked of local.deliveries(idOf(state, at), envelope)) {
        all.push({ ...takeChecked(state, at, checked), passed: envelope });
      }
    }
    for (const one of everybody) {
      for (let other = one + 1; other < messagesAt; other += 1) {
        if (!isLinked(idOf(state, one), other)) all.push(...connect(state, one, other));
        else if (cuts < options.cutsMax) all.push(cut(state, one, other));
      }
    }
    return all;
  };

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
    processFacts: finder.processFacts,
    processAt: (state, at) => processes.at(idOf(state, at)),
    envelope: envelopes.at,
    after,
    connect,
    initial: [connectAll([...start, 0, nothingSent, 0], everybody, connect)],
    actions,
    // The history of votes heard is of each by name.
    key: options.isReduced && options.refines !== "two-phase" ? symmetry.representative : (state) => state,
    ...(options.isReduced ? { learning: messages } : {}),
    packing: listsOf(messagesAt + 3),
    invariants: Object.keys(CORE_INVARIANTS).map((name) => ({
      name,
      holds: (state) => !finder.brokenIn(state).includes(name),
    })),
    showBroken: (_, invariant, last) =>
      last && local.repetition.isAbout(invariant) ? local.repetition.again(last) : [],
  };
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

function listsOf(width: number): Packing<CoreState> {
  return {
    width,
    write: (state, into, at) => into.set(state, at),
    read: (from, at) => Array.from(from.subarray(at, at + width)),
  };
}
