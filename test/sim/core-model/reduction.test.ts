import { expect, test } from "vitest";
import { type CoreModel, type CoreState, coreModel } from "../../../src/sim/core-model/core-model.ts";
import { withoutIndifferent } from "../../../src/sim/core-model/indifferent.ts";
import type { Move } from "../../../src/sim/core-model/moves.ts";
import { canonicalText, copyNode } from "../../../src/sim/core-model/node-copy.ts";
import { type CoreModelOptions, SMALL_CLUSTER } from "../../../src/sim/core-model/options.ts";
import type { Process } from "../../../src/sim/core-model/process.ts";
import { renameIn } from "../../../src/sim/core-model/rename.ts";
import { renamed, swapsOf } from "../../../src/sim/core-model/symmetry.ts";
import { explore } from "../../../src/sim/explore/explorer.ts";
import { fingerprintOf } from "../../../src/sim/explore/fingerprint.ts";

// Goal: that one state stands for many hides nothing. Whatever the processes can come to without it, they come to with it,
// but for their names and for rounds; and who swaps names in a state swaps them in everything that follows.

const SMALL: readonly [string, Partial<CoreModelOptions>][] = [
  ["a crash at every point", { crashesMax: 1, refusals: ["no"], timers: "none" }],
  [
    "the coordinator crashes, impatient timers",
    { crashesMax: 1, crashing: "coordinators", timers: "impatient" },
  ],
  ["anybody may refuse", { crashesMax: 0, refusals: ["no"] }],
  ["one only reads", { crashesMax: 0, readers: 1, refusals: ["no", "busy"], mayFail: true, timers: "none" }],
  ["three participants", { crashesMax: 0, participants: 3, refusals: ["no"], timers: "impatient" }],
  ["two coordinators", { crashesMax: 0, coordinators: 2, timers: "none" }],
  ["participants that coordinate", { crashesMax: 0, coordinators: 2, isJoint: true, timers: "none" }],
  ["a link is cut, and an operator decides", { crashesMax: 0, cutsMax: 1, resolvesMax: 1, timers: "none" }],
  ["one phase, and checkpoints", { participants: 1, crashesMax: 1, checkpointsMax: 1, refusals: ["no"] }],
];

/** Every combination of process states that is met, but for names, and how many states there were in all. */
function combinationsOf(options: CoreModelOptions) {
  const model = coreModel(options);
  const words = wordsOf(model);
  const met = new Set<string>();
  const meet = (state: CoreState) => met.add(words(state)) !== null;
  const found = explore({ ...model, invariants: [...model.invariants, { name: "met", holds: meet }] });
  expect(found).toMatchObject({ isComplete: true, violations: [] });
  return { met, distinctStates: found.distinctStates };
}

function wordsOf({ members, moves, options }: CoreModel): (state: CoreState) => string {
  const text: string[] = [];
  const textOf = (id: number): string => {
    text[id] ??= fingerprintOf(canonicalText(withoutIndifferent(copyOf(moves.processes.at(id)))));
    return text[id];
  };
  const everybody = members.map((_, at) => at);
  const swaps = [everybody, ...swapsOf(members, options.readers)].map((swap) => ({
    swap,
    process: renamed(members, moves, swap).process,
  }));
  return (state) =>
    swaps
      .map(({ swap, process }) => {
        const texts: string[] = [];
        for (const at of everybody) texts[swap[at] ?? at] = textOf(process(state[at] ?? 0));
        return texts.join();
      })
      .reduce((least, other) => (other < least ? other : least));
}

function copyOf(process: Process): Process {
  return process.node ? { ...process, node: copyNode(process.node) } : process;
}

test.each(SMALL)(
  "fewer states, and all that the processes come to: %s",
  { timeout: 120_000 },
  (_, options) => {
    const all = combinationsOf({ ...SMALL_CLUSTER, ...options, isReduced: false });
    const reduced = combinationsOf({ ...SMALL_CLUSTER, ...options });
    expect(reduced.distinctStates).toBeLessThan(all.distinctStates);
    expect([...all.met].filter((each) => !reduced.met.has(each))).toEqual([]);
    expect([...reduced.met].filter((each) => !all.met.has(each))).toEqual([]);
  },
);

test.each(SMALL.filter(([, { participants, readers }]) => participants !== 1 && !readers))(
  "in other names the same happens: %s",
  { timeout: 120_000 },
  (_, options) => {
    const model = coreModel({ ...SMALL_CLUSTER, ...options });
    const { members, moves } = model;
    const envelopes = members.map(() => new Set<number>());
    const processes = members.map(() => new Set<number>());
    const meet = (state: CoreState): boolean => {
      for (const [at, met] of processes.entries()) met.add(state[at] ?? 0);
      return true;
    };
    explore({ ...model, invariants: [{ name: "met", holds: meet }] });
    for (let id = 0; id < moves.envelopes.size(); id += 1) {
      const { to } = moves.envelopes.at(id);
      envelopes[members.findIndex(({ name }) => name === to)]?.add(id);
    }
    let compared = 0;
    for (const swap of swapsOf(members, model.options.readers)) {
      const { process, envelope, text } = renamed(members, moves, swap);
      const shown = (list: readonly Move[], as: (move: Move) => readonly number[]) =>
        list.map((move) => as(move).join()).sort();
      const inOtherNames = (move: Move) => [process(move.process), ...move.sent.map(envelope).sort(byNumber)];
      const itself = (move: Move) => [move.process, ...move.sent.toSorted(byNumber)];
      members.forEach((_member, at) => {
        for (const id of processes[at] ?? []) {
          const other = process(id);
          for (const each of envelopes[at] ?? []) {
            const one = shown(moves.deliver(id, each), inOtherNames);
            expect(shown(moves.deliver(other, envelope(each)), itself)).toEqual(one);
            compared += 1;
          }
          for (const kind of ["force", "crash", "restart", "resolve"] as const) {
            if ((kind === "restart") === (moves.processes.at(id).node !== null)) continue;
            expect(shown(moves[kind](other), itself)).toEqual(shown(moves[kind](id), inOtherNames));
          }
          for (const timer of moves.processes.at(id).timers) {
            const fired = shown(moves.fire(other, renameIn(timer, text)), itself);
            expect(fired).toEqual(shown(moves.fire(id, timer), inOtherNames));
          }
        }
      });
    }
    expect(compared).toBeGreaterThan(100);
  },
);

function byNumber(one: number, other: number): number {
  return one - other;
}
