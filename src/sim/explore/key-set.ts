import { invariant } from "../../core/errors.ts";
import { fingerprint, fingerprintOfNumbers, mix } from "./fingerprint.ts";
import type { Key } from "./model.ts";

/** A set of state keys that keeps eight bytes for each, not the key itself. */
export interface KeySet {
  /** Returns false when the key was there already. */
  add(key: Key): boolean;
  size(): number;
}

/** The same with four bytes more: the keys are numbered from 0, in the order in which they came. */
export interface KeyNumbers {
  numberOf(key: Key): number;
  size(): number;
}

const SLOTS_FIRST = 1 << 12;
const SLOTS_MAX = 2 ** 28;
const LOAD_MAX = 0.6;
const WORD = 2 ** 32;

/**
 * Keys of one set are all of one kind. Whole numbers from 0 to 2^53 − 1 are told apart exactly. A text or a list is kept
 * as a fingerprint of 64 bits: among n of them two are taken for one with a probability of about n² / 2^65, which is one
 * in three hundred thousand for ten million.
 */
export function createKeySet(): KeySet {
  const table = createTable(false);
  return {
    add(key) {
      table.enter(key);
      return table.isNew();
    },
    size: table.size,
  };
}

export function createKeyNumbers(): KeyNumbers {
  const table = createTable(true);
  return { numberOf: table.enter, size: table.size };
}

interface Table {
  /** The number of the key; where numbers are not kept, that of the newest. */
  enter(key: Key): number;
  /** Whether the key that was entered last was not there before. */
  isNew(): boolean;
  size(): number;
}

function createTable(isNumbered: boolean): Table {
  let slots = new Uint32Array(2 * SLOTS_FIRST);
  let numbers = new Int32Array(isNumbered ? SLOTS_FIRST : 0);
  let size = 0;
  let isNew = false;
  /** The key being looked at, in two words; both zero mean an empty slot and are never a key. */
  const word = new Uint32Array(2);

  /** The slot of a key, which is entered where it is not there. */
  const place = (table: Uint32Array, high: number, low: number): number => {
    const last = table.length / 2 - 1;
    for (let slot = mix(high, low) & last; ; slot = (slot + 1) & last) {
      const at = 2 * slot;
      isNew = table[at] === 0 && table[at + 1] === 0;
      if (isNew) {
        table[at] = high;
        table[at + 1] = low;
        return slot;
      }
      if (table[at] === high && table[at + 1] === low) return slot;
    }
  };

  const grow = () => {
    invariant(slots.length < 2 * SLOTS_MAX, `more than ${size} states`);
    const larger = new Uint32Array(2 * slots.length);
    const moved = new Int32Array(2 * numbers.length);
    for (let at = 0; at < slots.length; at += 2) {
      const high = slots[at] ?? 0;
      const low = slots[at + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      const slot = place(larger, high, low);
      if (isNumbered) moved[slot] = numbers[at / 2] ?? 0;
    }
    slots = larger;
    numbers = moved;
  };

  return {
    enter(key) {
      if (typeof key === "number") splitNumber(key, word);
      else if (typeof key === "string") fingerprint(key, word);
      else fingerprintOfNumbers(key, word);
      const slot = place(slots, word[0] ?? 0, word[1] ?? 0);
      if (!isNew) return isNumbered ? (numbers[slot] ?? 0) : size - 1;
      if (isNumbered) numbers[slot] = size;
      size += 1;
      if (size > (slots.length / 2) * LOAD_MAX) {
        grow();
        isNew = true;
      }
      return size - 1;
    },
    isNew: () => isNew,
    size: () => size,
  };
}

function splitNumber(key: number, word: Uint32Array): void {
  invariant(Number.isSafeInteger(key) && key >= 0, `${key} is no key of a state`);
  const shifted = key + 1; // Zero is the empty slot's.
  word[0] = Math.floor(shifted / WORD);
  word[1] = shifted % WORD;
}
