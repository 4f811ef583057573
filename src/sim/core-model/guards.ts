import type { PromiseNumber } from "../promises.ts";
import { CORE_INVARIANTS } from "./core-invariants.ts";
import { REFINEMENT } from "./refinement.ts";
import { REPETITION } from "./repetition.ts";
import { SETTLING } from "./settling.ts";

/** Everything that is checked of the core's model, by name, and which promises it guards. */
export const GUARDS: Readonly<Record<string, readonly PromiseNumber[]>> = {
  ...Object.fromEntries(Object.entries(CORE_INVARIANTS).map(([name, { guards }]) => [name, guards])),
  ...REPETITION,
  ...SETTLING,
  ...REFINEMENT,
};
