import { beginsWith } from "../core/begins-with.ts";
import { keepId, knownId, type RunOfId, runOf } from "../core/ids.ts";
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

/** Ids of transactions: all up to the counter is checked once for those of a run, and the text is the one that is known there. */
interface CanonicalIds {
  read(bytes: TextBytes, view: DataView, from: number): string | undefined;
  readonly put: PutText;
}

interface Prefix {
  readonly run: RunOfId;
  /** All up to the counter. */
  readonly text: string;
  readonly piece: DataView;
}

const PREFIXES_MAX = 8;

function createCanonicalIds(isValid: (text: string) => boolean): CanonicalIds {
  let prefixes: readonly Prefix[] = [];
  let met = 0;

  /** An id that stands at `from`. */
  const learn = (bytes: TextBytes, from: number, id: TransactionId) => {
    const run = runOf(id);
    const text = `${run.text}.`;
    met += 1;
    if (prefixes.length === PREFIXES_MAX && met % ONE_OF !== 0) return;
    // A counter with zeros before it is of a prefix that is there already.
    if (prefixes.some((known) => known.text === text)) return;
    const piece = pieceOf(bytes, from, from + text.length);
    prefixes = [{ run, text, piece }, ...prefixes.slice(0, PREFIXES_MAX - 1)];
  };

  return {
    read(bytes, view, from) {
      for (const { run, piece } of prefixes) {
        if (!isPieceAt(piece, view, from)) continue;
        const first = from + piece.byteLength;
        const end = endOfDigits(bytes, first);
        // A zero before other digits is another text of the same number.
        if (end - first < 1 || end - first > COUNTER_DIGITS_MAX || bytes[end] !== QUOTE) break;
        if (bytes[first] === ZERO && end > first + 1) break;
        const counter = numberOf(bytes, first, end);
        const known = knownId(run, counter);
        if (known !== undefined) return known;
        const id = bytes.toString("latin1", from, end) as TransactionId;
        keepId(run, counter, id);
        return id;
      }
      const id = readPlain(bytes, from) as TransactionId | undefined;
      if (id === undefined || !isValid(id)) return undefined;
      learn(bytes, from, id);
      return id;
    },
    put(bytes, view, at, limit, id) {
      if (at + id.length > limit) return noRoom();
      for (const { run, text, piece } of prefixes) {
        const counter = putCounter(bytes, at, id, text.length);
        if (counter < 0) continue;
        if (knownId(run, counter) !== id) {
          if (!beginsWith(id, text)) continue;
          keepId(run, counter, id as TransactionId);
        }
        putPiece(piece, view, at);
        return at + id.length;
      }
      if (!isValid(id)) return MISS;
      const end = putPlain(bytes, at, limit, id);
      if (end >= 0) learn(bytes, at, id as TransactionId);
      return end;
    },
  };
}

/** Those of the transactions that this process hears and speaks of. */
export const transactionIds = createCanonicalIds(checkOf(TransactionId));

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
