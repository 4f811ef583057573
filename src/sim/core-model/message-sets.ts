import { invariant } from "../../core/errors.ts";
import { mix } from "../explore/fingerprint.ts";

/**
 * Sets of messages, numbered from 0, which is the empty one; equal sets have one number. Each is kept as one bit a
 * message that is in any of them.
 */
export interface MessageSets {
  /** The number of the set with one message more. */
  plus(set: number, message: number): number;
  /** With one message less. */
  minus(set: number, message: number): number;
  /** In the order in which each was first sent. */
  messagesOf(set: number): number[];
  size(): number;
}

const SETS_FIRST = 1 << 10;
const WORDS_FIRST = 2;
const LOAD_MAX = 0.6;

export function createMessageSets(): MessageSets {
  /** The bit of each message, and the message of each bit. */
  const bitOf: number[] = [];
  const messages: number[] = [];
  let width = WORDS_FIRST;
  let words = new Uint32Array(SETS_FIRST * width);
  let count = 1;
  /** Where each set is found by its words: its number and one, zero where there is none. */
  let slots = new Int32Array(4 * SETS_FIRST);

  const hashOf = (set: number): number => {
    let hash = 0;
    // Words that are zero do not count, so that a set keeps its hash when the sets become wider.
    for (let at = 0; at < width; at += 1) {
      const word = words[set * width + at] ?? 0;
      if (word !== 0) hash = mix(hash ^ at, word);
    }
    return hash;
  };
  const isEqual = (one: number, other: number): boolean => {
    for (let at = 0; at < width; at += 1) {
      if (words[one * width + at] !== words[other * width + at]) return false;
    }
    return true;
  };
  /** The number of a set that is equal to the one given, which is entered where there is none. */
  const enter = (set: number): number => {
    const last = slots.length - 1;
    for (let slot = hashOf(set) & last; ; slot = (slot + 1) & last) {
      const known = (slots[slot] ?? 0) - 1;
      if (known < 0) {
        slots[slot] = set + 1;
        return set;
      }
      if (isEqual(known, set)) return known;
    }
  };
  const enterAll = () => {
    slots.fill(0);
    for (let set = 0; set < count; set += 1) enter(set);
  };
  enterAll();

  /** Room for one more set, and for the bit. */
  const makeRoom = (bit: number) => {
    if (bit >= 32 * width) {
      const wider = new Uint32Array((words.length / width) * 2 * width);
      for (let set = 0; set < count; set += 1) {
        wider.set(words.subarray(set * width, (set + 1) * width), set * 2 * width);
      }
      width *= 2;
      words = wider;
    }
    if ((count + 1) * width > words.length) {
      const larger = new Uint32Array(2 * words.length);
      larger.set(words);
      words = larger;
    }
    if (count + 1 > slots.length * LOAD_MAX) {
      slots = new Int32Array(2 * slots.length);
      enterAll();
    }
  };
  const isIn = (set: number, bit: number): boolean =>
    bit < 32 * width && ((words[set * width + (bit >>> 5)] ?? 0) & (1 << (bit & 31))) !== 0;

  /** The number of the set in which one bit is the other way. */
  const turn = (set: number, bit: number): number => {
    makeRoom(bit);
    words.copyWithin(count * width, set * width, (set + 1) * width);
    const at = count * width + (bit >>> 5);
    words[at] = (words[at] ?? 0) ^ (1 << (bit & 31));
    const entered = enter(count);
    if (entered === count) count += 1;
    return entered;
  };

  return {
    plus(set, message) {
      let bit = bitOf[message];
      if (bit === undefined) {
        bit = messages.length;
        bitOf[message] = bit;
        messages.push(message);
      }
      return isIn(set, bit) ? set : turn(set, bit);
    },
    minus(set, message) {
      const bit = bitOf[message];
      return bit !== undefined && isIn(set, bit) ? turn(set, bit) : set;
    },
    messagesOf(set) {
      invariant(set < count, `there is no set ${set}`);
      const found: number[] = [];
      for (let at = 0; at < width; at += 1) {
        for (let left = words[set * width + at] ?? 0; left !== 0; left &= left - 1) {
          const message = messages[32 * at + 31 - Math.clz32(left & -left)];
          if (message !== undefined) found.push(message);
        }
      }
      return found;
    },
    size: () => count,
  };
}
