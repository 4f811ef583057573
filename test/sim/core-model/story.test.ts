import { expect, test } from "vitest";
import { type CoreAction, type CoreState, coreModel } from "../../../src/sim/core-model/core-model.ts";
import { type CoreModelOptions, SMALL_CLUSTER } from "../../../src/sim/core-model/options.ts";
import { tellStory } from "../../../src/sim/core-model/story.ts";
import { explore } from "../../../src/sim/explore/explorer.ts";
import type { TraceStep } from "../../../src/sim/explore/violation.ts";
import { play } from "../../../src/sim/world/play.ts";

// Goal: what the explorer finds can be kept as a golden trace: production nodes, led the same way, do the same.

test("a lying disk's story, kept as a text, runs again and shows what went wrong", () => {
  const model = coreModel({ ...SMALL_CLUSTER, lies: ["commit"], timers: "none" });
  const agreement = model.invariants.filter(({ name }) => name.startsWith("agreement"));
  const [violation] = explore({ ...model, invariants: agreement }, { statesMax: 1_000_000 }).violations;
  const { text, differences } = tellStory(model, "A disk that lies of the commit", violation?.trace ?? []);
  expect(differences).toEqual([]);
  expect(play(text)).toBe(text);
  expect(text).toContain("client < r committed");
  expect(text).toContain("crash coordinator 0");
  const [, shown = ""] = text.split("\nshow\n----\n");
  expect(shown).toMatch(/^p[12]: .*LAMP-01 39 on hand, 0 reserved$/m);
  expect(shown).toMatch(/^p[12]: unfinished 0; in doubt 0$/m);
});

/** A way of `length` steps that a fixed sequence of numbers chooses. */
function wander(model: ReturnType<typeof coreModel>, seed: number, length: number) {
  let [state] = model.initial;
  let chance = seed;
  const trace: TraceStep<CoreState, CoreAction>[] = [];
  for (let count = 0; count < length && state; count += 1) {
    const before: CoreState = state;
    const steps = [...model.actions(before)].filter(({ next }) => model.key(next) !== model.key(before));
    chance = (Math.imul(chance, 1_103_515_245) + 12_345) >>> 0;
    const step = steps[Math.floor((chance / 2 ** 32) * steps.length)];
    if (!step) break;
    trace.push({ label: step.label, state: step.next, step });
    state = step.next;
  }
  return trace;
}

test.each<[string, Partial<CoreModelOptions>]>([
  [
    "crashes, cuts, operators and checkpoints",
    { crashesMax: 2, cutsMax: 1, resolvesMax: 2, checkpointsMax: 1 },
  ],
  [
    "refusals, failures and retries",
    { crashesMax: 1, refusals: ["no", "busy"], mayFail: true, attemptsMax: 3 },
  ],
  ["one that reads and one that updates", { readers: 1, refusals: ["no"], crashesMax: 2, attemptsMax: 2 }],
  ["one phase", { participants: 1, refusals: ["no"], crashesMax: 2, beginsMax: 2, checkpointsMax: 1 }],
  ["two coordinators", { coordinators: 2, attemptsMax: 2, crashesMax: 1, cutsMax: 1 }],
  ["participants that coordinate", { coordinators: 2, isJoint: true, attemptsMax: 2, crashesMax: 1 }],
])("any way through the model is a way of production nodes: %s", (_, options) => {
  const model = coreModel({ ...SMALL_CLUSTER, writesBack: true, ...options });
  for (let seed = 1; seed <= 60; seed += 1) {
    const trace = wander(model, seed, 60);
    const { differences } = tellStory(model, "A way through the model", trace);
    expect(differences, trace.map(({ label }) => label).join("\n")).toEqual([]);
  }
});
