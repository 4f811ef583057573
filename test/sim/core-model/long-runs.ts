import type { CoreBounds } from "../../../src/cli/explore-core.ts";

/** A cluster that takes minutes or more, and what the night may spend on it. */
export interface LongRun {
  readonly name: string;
  /** What `explore --model core` is asked for. */
  readonly bounds: CoreBounds & { readonly participants: number };
  readonly statesMax: number;
  /** What its process may hold, in MiB. */
  readonly memoryMax: number;
}

const MOST = { statesMax: 60_000_000, memoryMax: 10_240 } as const;

/** The small ones first: the last ones take what the night has left. */
export const LONG_RUNS: readonly LongRun[] = [
  {
    name: "all timers, a crash at every point, anybody may refuse",
    bounds: { participants: 2, crashes: 1, refusals: ["no"] },
    ...MOST,
  },
  {
    name: "all timers, a crash at every point, and an operator",
    bounds: { participants: 2, crashes: 1, resolves: 1, refusals: [] },
    ...MOST,
  },
  {
    name: "two coordinators, all timers",
    bounds: { participants: 2, coordinators: 2, refusals: [] },
    ...MOST,
  },
  {
    name: "three participants, all timers, anybody may refuse",
    bounds: { participants: 3, refusals: ["no"] },
    ...MOST,
  },
  {
    name: "three participants, and a crash of anybody at every point",
    bounds: { participants: 3, crashes: 1, refusals: [], timers: "none" },
    ...MOST,
  },
  {
    name: "two crashes at every point",
    bounds: { participants: 2, crashes: 2, refusals: [], timers: "none" },
    ...MOST,
  },
  {
    name: "two coordinators, and a crash at every point",
    bounds: { participants: 2, coordinators: 2, crashes: 1, refusals: [], timers: "none" },
    ...MOST,
  },
  {
    name: "all timers, a cut link, and a crash at every point",
    bounds: { participants: 2, cuts: 1, crashes: 1, refusals: [] },
    ...MOST,
  },
  {
    name: "three participants, all timers, a cut link, and an operator",
    bounds: { participants: 3, cuts: 1, resolves: 1, refusals: [] },
    ...MOST,
  },
  {
    name: "all timers, two crashes at every point",
    bounds: { participants: 2, crashes: 2, refusals: [] },
    ...MOST,
  },
  {
    name: "three participants, all timers, and a crash of anybody at every point",
    bounds: { participants: 3, crashes: 1, refusals: [] },
    ...MOST,
  },
  {
    name: "two coordinators, all timers, and a crash of one of them at every point",
    bounds: { participants: 2, coordinators: 2, crashes: 1, crashing: "coordinators", refusals: [] },
    ...MOST,
  },
  {
    name: "two coordinators, all timers, and a crash of anybody at every point",
    bounds: { participants: 2, coordinators: 2, crashes: 1, refusals: [] },
    ...MOST,
  },
];

/** The command line that explores it, after the program's name. */
export function argumentsOf({ bounds, statesMax, memoryMax }: LongRun): string[] {
  const options = Object.entries({ ...bounds, statesMax, memoryMax }).flatMap(([key, value]) => {
    const flag = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [flag];
    return [flag, Array.isArray(value) && value.length === 0 ? "none" : String(value)];
  });
  return ["explore", "--model", "core", ...options];
}
