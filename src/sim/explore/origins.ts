import { invariant } from "../../core/errors.ts";

/** From which state, and by which of its actions, each state was first reached: six bytes a state. */
export interface Origins {
  /** The next state, numbered from 0: reached from state `parent` (−1 for an initial one) by its action `ordinal`. */
  add(parent: number, ordinal: number): void;
  /** The ordinals that lead to a state, the initial state's first; none for −1. */
  pathTo(index: number): number[];
}

const STATES_FIRST = 1 << 12;
const ACTIONS_MAX = 2 ** 16;

export function createOrigins(): Origins {
  let parents = new Int32Array(STATES_FIRST);
  let ordinals = new Uint16Array(STATES_FIRST);
  let count = 0;
  return {
    add(parent, ordinal) {
      invariant(ordinal < ACTIONS_MAX, `more than ${ACTIONS_MAX} actions in one state`);
      if (count === parents.length) {
        const largerParents = new Int32Array(2 * count);
        const largerOrdinals = new Uint16Array(2 * count);
        largerParents.set(parents);
        largerOrdinals.set(ordinals);
        parents = largerParents;
        ordinals = largerOrdinals;
      }
      parents[count] = parent;
      ordinals[count] = ordinal;
      count += 1;
    },
    pathTo(index) {
      const path: number[] = [];
      for (let at = index; at >= 0; at = parents[at] ?? -1) path.push(ordinals[at] ?? 0);
      return path.reverse();
    },
  };
}
