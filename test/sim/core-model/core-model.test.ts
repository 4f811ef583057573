import { expect, test } from "vitest";
import { coreModelOf } from "../../../src/cli/explore-core.ts";
import type { WorldFacts } from "../../../src/sim/core-model/core-invariants.ts";
import { coreModel } from "../../../src/sim/core-model/core-model.ts";
import { GUARDS } from "../../../src/sim/core-model/guards.ts";
import { type CoreModelOptions, SMALL_CLUSTER } from "../../../src/sim/core-model/options.ts";
import { plainRefinement } from "../../../src/sim/core-model/refinement.ts";
import { explore } from "../../../src/sim/explore/explorer.ts";
import { LONG_RUNS } from "./long-runs.ts";

// Goal: the shipped step functions, recovery and work keep their promises in every state that they can reach with every
// message lost, late, doubled or out of order, every timer early, and a crash at every point; from each of them all
// settles; and where a promise of the disk is broken, the explorer says so. Every state is visited by itself here, where it
// is not said otherwise; `npm run explore:long` goes further.

const calm: CoreModelOptions = { ...SMALL_CLUSTER, crashesMax: 0, isReduced: false };
const reduced: Partial<CoreModelOptions> = { isReduced: true };
const STATES_MAX = 8_000;
let visited = 0;

function check(options: Partial<CoreModelOptions>, statesMax?: number) {
  const all = { ...calm, checksSettling: true, ...options };
  const model = coreModel({ ...all, refines: plainRefinement(all) });
  const found = explore(model, statesMax === undefined ? {} : { statesMax });
  expect(
    found.violations.map(({ invariant, trace }) => [invariant, trace.map(({ label }) => label)]),
  ).toEqual([]);
  visited += found.distinctStates;
  return { ...found, covered: model.refinement?.covered(), settling: model.settling?.extent() };
}

const anything: Partial<CoreModelOptions> = { refusals: ["no", "busy"], mayFail: true };

test.each<[string, Partial<CoreModelOptions>]>([
  ["all vote yes", {}],
  ["nothing goes wrong", { timers: "patient" }],
  ["nothing goes wrong, and there are three", { participants: 3, timers: "none" }],
  ["anybody may refuse, for good or for now, and the store may fail", anything],
  ["one only reads", { readers: 1, ...anything }],
  ["all only read", { readers: 2, refusals: ["no"] }],
  ["one participant alone decides", { participants: 1, ...anything }],
  ["one alone decides, and everybody may crash twice", { participants: 1, refusals: ["no"], crashesMax: 2 }],
  ["a checkpoint anywhere", { participants: 1, refusals: ["no"], crashesMax: 1, checkpointsMax: 1 }],
  ["a link is cut", { cutsMax: 1, refusals: ["no"], timers: "none" }],
  [
    "a link is cut, and an operator decides twice",
    { cutsMax: 1, resolvesMax: 2, refusals: ["no"], timers: "none" },
  ],
  [
    "the coordinator crashes, and an operator decides",
    { crashesMax: 1, crashing: "coordinators", resolvesMax: 1, timers: "none" },
  ],
  ["two coordinators are given the request", { coordinators: 2, attemptsMax: 2, timers: "none" }],
  [
    "two coordinators are given the request, and who only reads may refuse",
    { coordinators: 2, readers: 1, refusals: ["no"], timers: "none" },
  ],
  [
    "both participants coordinate and are given the request",
    { coordinators: 2, isJoint: true, timers: "none" },
  ],
  ["one participant coordinates, and may crash", { isJoint: true, refusals: ["no"], crashesMax: 1 }],
  [
    "the request is sent twice and tried twice",
    { beginsMax: 2, attemptsMax: 2, refusals: ["busy"], timers: "impatient" },
  ],
])("every state is sound: %s", { timeout: 120_000 }, (_, options) => {
  const { isComplete, distinctStates } = check(options);
  expect(isComplete).toBe(true);
  expect(distinctStates).toBeGreaterThan(100);
});

// Found by this: a reader that answered a second prepare otherwise than the first, and was then asked by a peer in doubt.
test("every state is sound: one only reads, anybody may refuse, and a crash at every point", {
  timeout: 240_000,
}, () => {
  const { isComplete, distinctStates } = check({ readers: 1, ...anything, crashesMax: 1 });
  expect(isComplete).toBe(true);
  expect(distinctStates).toBeGreaterThan(700_000);
});

test.each<[string, Partial<CoreModelOptions>]>([
  ["a crash at every point, and refusals", { refusals: ["no"], crashesMax: 1, timers: "none" }],
  ["three, and a crash of anybody at every point", { participants: 3, crashesMax: 1, timers: "none" }],
  ["three, a link is cut, and an operator", { participants: 3, cutsMax: 1, resolvesMax: 1, timers: "none" }],
  ["all timers, a crash at every point, and an operator", { crashesMax: 1, resolvesMax: 1 }],
  ["two coordinators, all timers", { coordinators: 2 }],
])("every state is sound, one of many standing for all: %s", { timeout: 120_000 }, (_, options) => {
  expect(check({ ...reduced, ...options }).isComplete).toBe(true);
});

test.each(LONG_RUNS)("the first states are sound: $name", { timeout: 120_000 }, ({ bounds }) => {
  const { distinctStates, isComplete, violations } = explore(coreModelOf(bounds.participants, bounds), {
    statesMax: STATES_MAX,
  });
  expect(violations.map(({ invariant }) => invariant)).toEqual([]);
  visited += distinctStates;
  expect(isComplete || distinctStates >= STATES_MAX).toBe(true);
});

test("the plain path refines TwoPhase and meets all its states, eight of them only after a crash of the coordinator", {
  timeout: 120_000,
}, () => {
  const plain = { participants: 3, refusals: ["no"], writesBack: true, checksSettling: false } as const;
  expect(check({ ...plain, timers: "impatient" }).covered).toEqual({ states: 280, all: 288 });
  // The first crash, and the votes that were heard before it, are among the nearest states.
  const crashed = check({ ...plain, timers: "none", crashesMax: 1, crashing: "coordinators" });
  expect(crashed.covered).toEqual({ states: 288, all: 288 });
});

test("aborts that peers tell refine TCommit, and meet all its states", () => {
  const { covered } = check({ cutsMax: 1, refusals: ["no"], writesBack: true, timers: "none" });
  expect(covered).toEqual({ states: 12, all: 12 });
});

test("what a participant in doubt may hear from its peers is no step of TwoPhase", {
  timeout: 60_000,
}, () => {
  const options = { ...SMALL_CLUSTER, refusals: ["no"], timers: "none", refines: "two-phase" } as const;
  const { violations } = explore(coreModel(options));
  expect(violations.map(({ invariant }) => invariant)).toEqual([expect.stringMatching(/^refinement/)]);
});

const committedBy = ({ participants }: WorldFacts) =>
  participants.filter(([, facts]) => facts.committed).length;
const abortedBy = ({ participants }: WorldFacts) => participants.filter(([, facts]) => facts.aborted).length;

test.each<[string, Partial<CoreModelOptions>, (facts: WorldFacts) => boolean]>([
  ["all have committed", {}, (facts) => committedBy(facts) === 2],
  ["one has committed, the other not yet", {}, (facts) => committedBy(facts) === 1],
  ["all have aborted", {}, (facts) => abortedBy(facts) === 2],
  ["the client was told of a commit", {}, ({ coordinators: [first] }) => first?.hasToldCommitted === true],
  [
    "one has voted read-only",
    { readers: 1 },
    ({ sent }) => Object.values(sent.readOnly).some((bits) => bits !== 0),
  ],
  [
    "one alone has committed",
    { participants: 1 },
    ({ participants }) => participants.some(([, facts]) => facts.committedOnePhase !== 0),
  ],
  [
    "all have committed although the coordinator crashed",
    { crashesMax: 1, crashing: "coordinators", timers: "none" },
    (facts) => committedBy(facts) === 2 && facts.coordinators[0]?.hasToldCommitted === false,
  ],
  [
    "an operator has settled one against the other",
    { crashesMax: 1, crashing: "coordinators", resolvesMax: 1, timers: "none" },
    ({ participants }) => participants.some(([, { noted, heuristic }]) => (noted & heuristic) !== 0),
  ],
  [
    "the second coordinator has committed it",
    { coordinators: 2, attemptsMax: 2, timers: "none" },
    ({ coordinators: [, second] }) => second?.hasToldCommitted === true && second.decided !== 0,
  ],
  [
    "the second coordinator tells of the first one's commit",
    { coordinators: 2, timers: "none" },
    ({ coordinators: [first, second] }) => first?.decided !== 0 && second?.hasToldCommitted === true,
  ],
])("is reached: %s", { timeout: 60_000 }, (_, options, isReached) => {
  const model = coreModel({ ...calm, ...options });
  const never = { name: "never", holds: (state: readonly number[]) => !isReached(model.facts(state)) };
  const { violations } = explore({ ...model, invariants: [never] });
  expect(violations).toHaveLength(1);
});

test.each<[CoreModelOptions["lies"][number], Partial<CoreModelOptions>, RegExp]>([
  ["prepared", {}, /^vote: a yes/],
  ["commit", {}, /^commit point: a commit is said/],
  ["committed", {}, /^ack/],
  ["aborted", { participants: 1, refusals: ["no"] }, /^outcome: what is decided is never aborted/],
  ["committed", { participants: 1 }, /^commit point: a commit is said/],
])(
  "a disk that says too early that it has %s is caught",
  { timeout: 60_000 },
  (record, options, invariant) => {
    const { violations } = explore(coreModel({ ...SMALL_CLUSTER, ...options, lies: [record] }));
    expect(violations.map(({ invariant: name }) => name)).toContainEqual(expect.stringMatching(invariant));
  },
);

test("more than a million states were visited", () => {
  expect(visited).toBeGreaterThan(1_000_000);
});

test("every check says which promise it guards, and each that can be guarded here is", () => {
  const model = coreModel({ ...calm, timers: "none", checksSettling: true, refines: "two-phase" });
  const names = [...model.invariants, ...(model.stepInvariants ?? [])].map(({ name }) => name);
  expect(names.filter((name) => !GUARDS[name])).toEqual([]);
  const guarded = new Set(Object.values(GUARDS).flat());
  const wanted = ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I10", "I11", "I12"] as const;
  expect(wanted.filter((number) => !guarded.has(number))).toEqual([]);
});
