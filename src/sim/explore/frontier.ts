import { invariant } from "../../core/errors.ts";
import type { Packing } from "./model.ts";

/** The states of one level, in the order in which they were first reached. */
export interface Frontier<State> {
  push(state: State): void;
  size(): number;
  at(index: number): State;
  clear(): void;
}

const CHUNK_STATES = 1 << 14;

/** States that are lists of numbers are kept four bytes a number; others as they are. */
export function createFrontier<State>(packing: Packing<State> | undefined): Frontier<State> {
  return packing ? packedFrontier(packing) : plainFrontier();
}

function plainFrontier<State>(): Frontier<State> {
  let states: State[] = [];
  return {
    push: (state) => states.push(state),
    size: () => states.length,
    at(index) {
      const state = states[index];
      invariant(state !== undefined, `a level of ${states.length} has no state ${index}`);
      return state;
    },
    clear() {
      states = [];
    },
  };
}

function packedFrontier<State>({ width, write, read }: Packing<State>): Frontier<State> {
  const chunks: Int32Array[] = [];
  let count = 0;
  const chunkOf = (index: number): Int32Array => {
    const place = Math.floor(index / CHUNK_STATES);
    let chunk = chunks[place];
    if (!chunk) {
      chunk = new Int32Array(CHUNK_STATES * width);
      chunks[place] = chunk;
    }
    return chunk;
  };
  const placeOf = (index: number): number => (index % CHUNK_STATES) * width;
  return {
    push(state) {
      write(state, chunkOf(count), placeOf(count));
      count += 1;
    },
    size: () => count,
    at(index) {
      invariant(index < count, `a level of ${count} has no state ${index}`);
      return read(chunkOf(index), placeOf(index));
    },
    clear() {
      count = 0;
      // What one level needed the next but one may not.
      chunks.length = Math.min(chunks.length, 1);
    },
  };
}
