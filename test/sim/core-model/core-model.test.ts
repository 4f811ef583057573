import { expect, test } from "vitest";
import type { WorldFacts } from "../../../src/sim/core-model/core-invariants.ts";
import { type CoreModelOptions, coreModel, SMALL_CLUSTER } from "../../../src/sim/core-model/core-model.ts";
import { explore } from "../../../src/sim/explore/explorer.ts";

// Goal: the shipped step functions, recovery and work keep their promises in every state that they can reach with every
// message lost, late, doubled or out of order, every timer early, and a crash at every point; and where a promise of
// the disk is broken, the explorer says so.

const calm: CoreModelOptions = { ...SMALL_CLUSTER, crashesMax: 0 };

test.each<[string, Partial<CoreModelOptions>]>([
  ["all vote yes", {}],
  [
    "anybody may refuse, for good or for now, and the store may fail",
    { refusals: ["no", "busy"], mayFail: true },
  ],
  ["one only reads", { readers: 1, refusals: ["no", "busy"], mayFail: true }],
  ["all only read", { readers: 2, refusals: ["no"] }],
  ["one participant alone decides", { participants: 1, refusals: ["no", "busy"], mayFail: true }],
  ["one alone decides, and everybody may crash twice", { participants: 1, refusals: ["no"], crashesMax: 2 }],
  ["a checkpoint anywhere", { participants: 1, refusals: ["no"], crashesMax: 1, checkpointsMax: 1 }],
])("every state is sound: %s", (_, options) => {
  const { violations, isComplete, distinctStates } = explore(coreModel({ ...calm, ...options }));
  expect(violations).toEqual([]);
  expect(isComplete).toBe(true);
  expect(distinctStates).toBeGreaterThan(100);
});

// Found by this: a reader that answered a second prepare otherwise than the first, and was then asked by a peer in doubt.
test("every state is sound: one only reads, anybody may refuse, and a crash at every point", {
  timeout: 120_000,
}, () => {
  const model = coreModel({ ...SMALL_CLUSTER, readers: 1, refusals: ["no", "busy"], mayFail: true });
  const { violations, isComplete } = explore(model);
  expect(violations).toEqual([]);
  expect(isComplete).toBe(true);
});

test("the first states with a crash at every point are sound", { timeout: 120_000 }, () => {
  const model = coreModel({ ...SMALL_CLUSTER, refusals: ["no"] });
  const { violations, distinctStates } = explore(model, { statesMax: 1_000_000 });
  expect(violations).toEqual([]);
  expect(distinctStates).toBe(1_000_000);
});

const committedBy = ({ participants }: WorldFacts) =>
  participants.filter(([, facts]) => facts.committed).length;
const abortedBy = ({ participants }: WorldFacts) => participants.filter(([, facts]) => facts.aborted).length;

test.each<[string, Partial<CoreModelOptions>, (facts: WorldFacts) => boolean]>([
  ["all have committed", {}, (facts) => committedBy(facts) === 2],
  ["one has committed, the other not yet", {}, (facts) => committedBy(facts) === 1],
  ["all have aborted", {}, (facts) => abortedBy(facts) === 2],
  ["the client was told of a commit", {}, ({ coordinator }) => coordinator.toldCommitted !== 0],
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
    { crashesMax: 1 },
    (facts) => committedBy(facts) === 2 && facts.coordinator.toldCommitted === 0,
  ],
])("is reached: %s", (_, options, isReached) => {
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
])("a disk that says too early that it has %s is caught", (record, options, invariant) => {
  const { violations } = explore(coreModel({ ...SMALL_CLUSTER, ...options, lies: [record] }));
  expect(violations.map(({ invariant: name }) => name)).toContainEqual(expect.stringMatching(invariant));
});

test("a lie is caught by what comes of it as well, a crash later", { timeout: 60_000 }, () => {
  const model = coreModel({ ...SMALL_CLUSTER, lies: ["commit"] });
  const agreement = model.invariants.filter(({ name }) => name.startsWith("agreement"));
  const [violation] = explore({ ...model, invariants: agreement }, { statesMax: 1_000_000 }).violations;
  expect(violation?.trace.map(({ label }) => label)).toContainEqual(
    expect.stringMatching(/^crash coordinator/),
  );
});
