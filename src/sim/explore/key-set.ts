import { invariant } from "../../core/errors.ts";
import { fingerprint, mix } from "./fingerprint.ts";

/** A set of state keys that keeps eight bytes for each, not the key itself. */
export interface KeySet {
  /** Returns false when the key was there already. */
  add(key: number | string): boolean;
  size(): number;
}

const SLOTS_FIRST = 1 << 12;
const SLOTS_MAX = 2 ** 28;
const LOAD_MAX = 0.6;
const WORD = 2 ** 32;

/**
 * Keys of one set are all of one kind. Whole numbers from 0 to 2^53 − 1 are told apart exactly. A text is kept as a
 * fingerprint of 64 bits: among n texts two are taken for one with a probability of about n² / 2^65, which is one in
 * three hundred thousand for ten million.
 */
export function createKeySet(): KeySet {
  let slots = new Uint32Array(2 * SLOTS_FIRST);
  let size = 0;
  /** The key being looked at, in two words; both zero mean an empty slot and are never a key. */
  const word = new Uint32Array(2);

  const place = (table: Uint32Array, high: number, low: number): boolean => {
    const last = table.length / 2 - 1;
    for (let slot = mix(high, low) & last; ; slot = (slot + 1) & last) {
      const at = 2 * slot;
      if (table[at] === high && table[at + 1] === low) return false;
      if (table[at] === 0 && table[at + 1] === 0) {
        table[at] = high;
        table[at + 1] = low;
        return true;
      }
    }
  };

  const grow = () => {
    invariant(slots.length < 2 * SLOTS_MAX, `more than ${size} states`);
    const larger = new Uint32Array(2 * slots.length);
    for (let at = 0; at < slots.length; at += 2) {
      const high = slots[at] ?? 0;
      const low = slots[at + 1] ?? 0;
      if (high !== 0 || low !== 0) place(larger, high, low);
    }
    slots = larger;
  };

  return {
    add(key) {
      if (typeof key === "number") splitNumber(key, word);
      else fingerprint(key, word);
      const isNew = place(slots, word[0] ?? 0, word[1] ?? 0);
      if (!isNew) return false;
      size += 1;
      if (size > (slots.length / 2) * LOAD_MAX) grow();
      return true;
    },
    size: () => size,
  };
}

function splitNumber(key: number, word: Uint32Array): void {
  invariant(Number.isSafeInteger(key) && key >= 0, `${key} is no key of a state`);
  const shifted = key + 1; // Zero is the empty slot's.
  word[0] = Math.floor(shifted / WORD);
  word[1] = shifted % WORD;
}
