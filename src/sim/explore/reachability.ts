import { invariant } from "../../core/errors.ts";
import type { Model } from "./model.ts";

/** Which states of a small model lead to which, in any number of steps. */
export interface Reachability {
  /** All states that can be reached at all. */
  readonly size: number;
  /** The number of a state by its key; undefined where it cannot be reached. */
  idOf(key: number): number | undefined;
  /** True from each state to itself. */
  leads(from: number, to: number): boolean;
}

/** Works it out for every pair of states; for models of some thousands at most. */
export function reachabilityOf<State>(model: Model<State>): Reachability {
  const ids = new Map<number, number>();
  const states: State[] = [];
  const enter = (state: State): number => {
    const key = model.key(state);
    invariant(typeof key === "number", `the keys of ${model.name} are no numbers`);
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, states.length);
    states.push(state);
    return states.length - 1;
  };
  for (const state of model.initial) enter(state);
  const nexts: number[][] = [];
  for (let id = 0; id < states.length; id += 1) {
    const state = states[id];
    invariant(state !== undefined, `${model.name} has no state ${id}`);
    nexts.push([...model.actions(state)].map(({ next }) => enter(next)));
  }
  const leads = nexts.map((_, from) => reach(from, nexts));
  return {
    size: states.length,
    idOf: (key) => ids.get(key),
    leads: (from, to) => leads[from]?.[to] === 1,
  };
}

function reach(from: number, nexts: readonly (readonly number[])[]): Uint8Array {
  const reached = new Uint8Array(nexts.length);
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached[at]) continue;
    reached[at] = 1;
    open.push(...(nexts[at] ?? []));
  }
  return reached;
}
