import type { CoreModelOptions } from "../../../src/sim/core-model/options.ts";

/** Clusters that take minutes each: explored to the end at night. What is not said is as in a calm small cluster. */
export const LONG_RUNS: readonly (readonly [name: string, options: Partial<CoreModelOptions>])[] = [
  ["two coordinators, and a crash at every point", { coordinators: 2, crashesMax: 1, timers: "none" }],
  ["three participants, and a crash at every point", { participants: 3, crashesMax: 1, timers: "none" }],
  ["two crashes at every point", { crashesMax: 2, timers: "none" }],
  ["all timers, and a crash at every point", { crashesMax: 1 }],
  ["all timers, a crash at every point, anybody may refuse", { crashesMax: 1, refusals: ["no"] }],
  ["all timers, a crash at every point, and an operator", { crashesMax: 1, resolvesMax: 1 }],
  ["three participants, all timers, anybody may refuse", { participants: 3, refusals: ["no"] }],
];
