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

const FINISHED = { statesMax: 10_000_000, memoryMax: 6_144 } as const;
/** Nobody has seen the end of these yet: they come last, and take what the night has left. */
const UNFINISHED = { statesMax: 60_000_000, memoryMax: 10_240 } as const;

export const LONG_RUNS: readonly LongRun[] = [
  {
    name: "three participants, and a crash of anybody at every point",
    bounds: { participants: 3, crashes: 1, refusals: [], timers: "none" },
    ...FINISHED,
  },
  {
    name: "two coordinators, and a crash at every point",
    bounds: { participants: 2, coordinators: 2, crashes: 1, refusals: [], timers: "none" },
    ...FINISHED,
  },
  {
    name: "all timers, and a crash at every point",
    bounds: { participants: 2, crashes: 1, refusals: [] },
    ...FINISHED,
  },
  {
    name: "all timers, a crash at every point, anybody may refuse",
    bounds: { participants: 2, crashes: 1, refusals: ["no"] },
    ...FINISHED,
  },
  {
    name: "all timers, a crash at every point, and an operator",
    bounds: { participants: 2, crashes: 1, resolves: 1, refusals: [] },
    ...FINISHED,
  },
  {
    name: "two crashes at every point",
    bounds: { participants: 2, crashes: 2, refusals: [], timers: "none" },
    ...FINISHED,
  },
  {
    name: "three participants, all timers, anybody may refuse",
    bounds: { participants: 3, refusals: ["no"] },
    ...FINISHED,
  },
  {
    name: "two coordinators, all timers",
    bounds: { participants: 2, coordinators: 2, refusals: [] },
    ...UNFINISHED,
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
