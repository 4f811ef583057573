import { beginsWith } from "../core/begins-with.ts";
import { TransactionId } from "../schema/ids.ts";
import { checkOf } from "./canonical-code.ts";
import {
  COUNTER_DIGITS_MAX,
  endOfDigits,
  isDigit,
  isPieceAt,
  numberOf,
  ONE_OF,
  pieceOf,
  putPiece,
  QUOTE,
  readPlain,
  type TextBytes,
  ZERO,
} from "./canonical-pieces.ts";
import { MISS, noRoom, type PutText, putPlain } from "./canonical-puts.ts";

/**
 * Ids that are plain and differ in a counter at their ends: all up to it is checked once. Whatever is put and read about one transaction
 * shares one text, and a text is compared with itself at a glance, where with its copy each character counts.
 */
interface KnownIds {
  read(bytes: TextBytes, view: DataView, from: number): string | undefined;
  readonly put: PutText;
}

interface Prefix {
  /** All up to the counter. */
  readonly text: string;
  readonly piece: DataView;
  readonly counters: Float64Array;
  readonly ids: string[];
}

const PREFIXES_MAX = 8;
/** Counters in a row of a prefix that are remembered; more than are under way at a time. */
const COUNTERS_MAX = 2048;

function createKnownIds(isValid: (text: string) => boolean): KnownIds {
  let prefixes: readonly Prefix[] = [];
  let met = 0;

  /** An id that stands at `from`. */
  const learn = (bytes: TextBytes, from: number, id: string) => {
    const text = id.slice(0, id.lastIndexOf(".") + 1);
    met += 1;
    if (prefixes.length === PREFIXES_MAX && met % ONE_OF !== 0) return;
    // A counter with zeros before it is of a prefix that is there already.
    if (prefixes.some((known) => known.text === text)) return;
    const piece = pieceOf(bytes, from, from + text.length);
    const counters = new Float64Array(COUNTERS_MAX).fill(-1);
    const prefix = { text, piece, counters, ids: new Array(COUNTERS_MAX).fill("") };
    prefixes = [prefix, ...prefixes.slice(0, PREFIXES_MAX - 1)];
  };

  return {
    read(bytes, view, from) {
      for (const { piece, counters, ids } of prefixes) {
        if (!isPieceAt(piece, view, from)) continue;
        const first = from + piece.byteLength;
        const end = endOfDigits(bytes, first);
        // A zero before other digits is another text of the same number.
        if (end - first < 1 || end - first > COUNTER_DIGITS_MAX || bytes[end] !== QUOTE) break;
        if (bytes[first] === ZERO && end > first + 1) break;
        const counter = numberOf(bytes, first, end);
        const slot = counter % COUNTERS_MAX;
        if (counters[slot] === counter) return ids[slot];
        const id = bytes.toString("latin1", from, end);
        counters[slot] = counter;
        ids[slot] = id;
        return id;
      }
      const id = readPlain(bytes, from);
      if (id === undefined || !isValid(id)) return undefined;
      learn(bytes, from, id);
      return id;
    },
    put(bytes, view, at, limit, id) {
      if (at + id.length > limit) return noRoom();
      for (const { text, piece, counters, ids } of prefixes) {
        const counter = putCounter(bytes, at, id, text.length);
        if (counter < 0) continue;
        const slot = counter % COUNTERS_MAX;
        if (counters[slot] !== counter || ids[slot] !== id) {
          if (!beginsWith(id, text)) continue;
          counters[slot] = counter;
          ids[slot] = id;
        }
        putPiece(piece, view, at);
        return at + id.length;
      }
      if (!isValid(id)) return MISS;
      const end = putPlain(bytes, at, limit, id);
      if (end >= 0) learn(bytes, at, id);
      return end;
    },
  };
}

/** Those of the transactions that this process hears and speaks of. */
export const transactionIds = createKnownIds(checkOf(TransactionId));

/** Puts what stands in an id from a place on, and returns which number that is: -1 where it is none, or another text of one. */
function putCounter(bytes: TextBytes, at: number, id: string, from: number): number {
  const { length } = id;
  if (length <= from || length - from > COUNTER_DIGITS_MAX) return -1;
  if (id.charCodeAt(from) === ZERO && length > from + 1) return -1;
  let counter = 0;
  for (let place = from; place < length; place += 1) {
    const code = id.charCodeAt(place);
    if (!isDigit(code)) return -1;
    bytes[at + place] = code;
    counter = counter * 10 + code - ZERO;
  }
  return counter;
}
