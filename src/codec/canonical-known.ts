import { ONE_OF, PIECE_BYTES_MIN, pieceOf, putPiece, type TextBytes } from "./canonical-pieces.ts";
import { MISS, noRoom, type PutText, type PutValue, putPlain } from "./canonical-puts.ts";

const TEXTS_MAX = 256;

/** By length and two characters, which costs less than a hash. */
function slotOfText(text: string): number {
  const { length } = text;
  return (8 * length + 7 * text.charCodeAt(0) + text.charCodeAt(length - 1)) & (TEXTS_MAX - 1);
}

/** Puts texts of which the same few come again and again: each is checked once. */
export function createPutKnown(isValid: (text: string) => boolean): PutText {
  const texts: (string | undefined)[] = new Array(TEXTS_MAX).fill(undefined);
  const pieces: (DataView | undefined)[] = new Array(TEXTS_MAX).fill(undefined);
  let met = 0;

  const remember = (bytes: TextBytes, at: number, end: number, text: string) => {
    const slot = slotOfText(text);
    met += 1;
    if (texts[slot] !== undefined && met % ONE_OF !== 0) return;
    texts[slot] = text;
    pieces[slot] = text.length < PIECE_BYTES_MIN ? undefined : pieceOf(bytes, at, end);
  };

  return (bytes, view, at, limit, text) => {
    const slot = slotOfText(text);
    const isKnown = texts[slot] === text;
    const piece = pieces[slot];
    if (isKnown && piece !== undefined)
      return at + piece.byteLength > limit ? noRoom() : putPiece(piece, view, at);
    if (!isKnown && !isValid(text)) return MISS;
    const end = putPlain(bytes, at, limit, text);
    if (!isKnown && end >= 0) remember(bytes, at, end, text);
    return end;
  };
}

const VALUES_MAX = 8;
const VALUE_BYTES_MAX = 4096;

interface KnownValue {
  readonly value: unknown;
  readonly piece: DataView;
}

/** Puts values that are mostly one of those that were put before, and that nobody changes: of these the bytes are kept. */
export function createPutRecalled(put: PutValue): PutValue {
  let known: readonly KnownValue[] = [];
  let met = 0;
  return (value, bytes, view, limit, at) => {
    for (const each of known) {
      if (each.value !== value) continue;
      return at + each.piece.byteLength > limit ? noRoom() : putPiece(each.piece, view, at);
    }
    const end = put(value, bytes, view, limit, at);
    const length = end - at;
    met += 1;
    if (end < 0 || length < PIECE_BYTES_MIN || length > VALUE_BYTES_MAX) return end;
    if (known.length === VALUES_MAX && met % ONE_OF !== 0) return end;
    known = [{ value, piece: pieceOf(bytes, at, end) }, ...known.slice(0, VALUES_MAX - 1)];
    return end;
  };
}
