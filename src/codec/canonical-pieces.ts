import { interned } from "../core/interned.ts";

/** Bytes, text out of them and text into them. A Node.js Buffer is one. */
export interface TextBytes extends Uint8Array {
  toString(encoding?: "latin1" | "utf8", start?: number, end?: number): string;
  /** Writes as much as there is room for; how many bytes that were. */
  write(text: string, offset: number, encoding: "latin1" | "utf8"): number;
}

/** Where what was read last has its end. */
export const place = { end: 0 };

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** By byte, 1 where it may stand in a string: ASCII from `low` up to `high` that JSON does not escape. To look there takes less than to compare. */
export function makeAllowed(low: number, high: number): Uint8Array {
  const allowed = new Uint8Array(256).fill(1, low, high + 1);
  allowed[QUOTE] = 0;
  allowed[BACKSLASH] = 0;
  return allowed;
}

/** Any character that is plain. */
export const PLAIN = makeAllowed(0x20, 0x7e);

/** Where the characters end that are allowed. */
function endOfRun(bytes: Uint8Array, from: number, allowed: Uint8Array): number {
  let at = from;
  while (allowed[bytes[at] ?? 0] === 1) at += 1;
  return at;
}

/** A string of such characters: its text is as long as its bytes. Undefined where another stands in it. */
export function readPlain(bytes: TextBytes, from: number, allowed: Uint8Array = PLAIN): string | undefined {
  const end = endOfRun(bytes, from, allowed);
  return bytes[end] === QUOTE ? bytes.toString("latin1", from, end) : undefined;
}

/** Texts that come again and again, each made and checked once. A text that is not plain, or not valid, is undefined. */
export interface Interned {
  read(bytes: TextBytes, view: DataView, from: number): string | undefined;
}

const INTERNED_MAX = 8192;
const INTERNED_LENGTH_MAX = 40;

/** What is longer than `INTERNED_LENGTH_MAX` is made anew each time. */
export function createInterned(isValid: (text: string) => boolean): Interned {
  /** By hash; one that comes takes the place of another. */
  const texts: string[] = new Array(INTERNED_MAX).fill("");
  return {
    read(bytes, _view, from) {
      let hash = 0;
      let end = from;
      for (let byte = bytes[end] ?? 0; PLAIN[byte] === 1; byte = bytes[end] ?? 0) {
        hash = (Math.imul(hash, 31) + byte) | 0;
        end += 1;
      }
      if (bytes[end] !== QUOTE) return undefined;
      const length = end - from;
      const slot = (hash ^ (hash >>> 11)) & (INTERNED_MAX - 1);
      const known = texts[slot] ?? "";
      if (known.length === length && length > 0 && standsAt(known, bytes, from)) return known;
      const text = bytes.toString("latin1", from, end);
      if (!isValid(text)) return undefined;
      if (length <= INTERNED_LENGTH_MAX) texts[slot] = text;
      return text;
    },
  };
}

/** The same where there are mostly no more than a few texts. */
export function createFew(isValid: (text: string) => boolean): Interned {
  const all = createInterned(isValid);
  let few: readonly { readonly text: string; readonly piece: DataView }[] = [];
  return {
    read(bytes, view, from) {
      for (const { text, piece } of few) if (isPieceAt(piece, view, from)) return text;
      const text = all.read(bytes, view, from);
      if (text === undefined || text.length + 1 < PIECE_BYTES_MIN || few.length === FEW_MAX) return text;
      const kept = interned(text);
      few = [...few, { text: kept, piece: pieceOf(bytes, from, from + text.length + 1) }];
      return kept;
    },
  };
}

const FEW_MAX = 8;

function standsAt(text: string, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) !== bytes[from + at]) return false;
  return true;
}

/** Values that come again and again as the same bytes: each is parsed once, and shared by all that hold it. */
export interface Recalled {
  /** The value that begins at `from`, or undefined; its bytes are counted in `length`. */
  find(view: DataView, from: number): unknown;
  keep(bytes: Uint8Array, from: number, end: number, value: unknown): void;
  length: number;
}

interface RecalledPiece {
  readonly view: DataView;
  readonly value: unknown;
}

const RECALLED_MAX = 8;
const RECALLED_BYTES_MAX = 4096;
/** Where there are more than can be remembered, only one of so many is: what is rare does not drive out the rest at each step. */
export const ONE_OF = 8;

export function createRecalled(): Recalled {
  let pieces: readonly RecalledPiece[] = [];
  let met = 0;
  const recalled: Recalled = {
    length: 0,
    find(view, from) {
      for (const piece of pieces) {
        if (!isPieceAt(piece.view, view, from)) continue;
        recalled.length = piece.view.byteLength;
        return piece.value;
      }
      return undefined;
    },
    keep(bytes, from, end, value) {
      met += 1;
      if (end - from > RECALLED_BYTES_MAX || (pieces.length === RECALLED_MAX && met % ONE_OF !== 0)) return;
      pieces = [{ view: pieceOf(bytes, from, end), value }, ...pieces.slice(0, RECALLED_MAX - 1)];
    },
  };
  return recalled;
}

/** A shorter piece can neither be put nor found. */
export const PIECE_BYTES_MIN = 4;

/** A copy of some bytes, which are text: of printable ASCII. */
export function pieceOf(bytes: Uint8Array, from: number, end: number): DataView {
  return new DataView(Uint8Array.from(bytes.subarray(from, end)).buffer);
}

// Eight bytes of such text are a number like any other, neither zero nor none: it is taken and compared as it stands.

/** A whole value's bytes are the value, whatever follows. Eight at a time; the last eight, or four, may overlap those before. */
export function isPieceAt(piece: DataView, view: DataView, from: number): boolean {
  const { byteLength } = piece;
  if (byteLength < PIECE_BYTES_MIN || from + byteLength > view.byteLength) return false;
  if (byteLength < 8)
    return (
      piece.getInt32(0) === view.getInt32(from) &&
      piece.getInt32(byteLength - 4) === view.getInt32(from + byteLength - 4)
    );
  const last = byteLength - 8;
  for (let at = 0; at < last; at += 8) if (piece.getFloat64(at) !== view.getFloat64(from + at)) return false;
  return piece.getFloat64(last) === view.getFloat64(from + last);
}

/** Puts a piece, and returns where it ends. */
export function putPiece(piece: DataView, view: DataView, at: number): number {
  const { byteLength } = piece;
  if (byteLength < 8) {
    view.setInt32(at, piece.getInt32(0));
    view.setInt32(at + byteLength - 4, piece.getInt32(byteLength - 4));
  } else {
    const last = byteLength - 8;
    for (let place = 0; place < last; place += 8) view.setFloat64(at + place, piece.getFloat64(place));
    view.setFloat64(at + last, piece.getFloat64(last));
  }
  return at + byteLength;
}

/** Of a number whose digits are taken one by one: with more of them it may not be exact. */
export const COUNTER_DIGITS_MAX = 15;
export const ZERO = 0x30;

export function endOfDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at] ?? 0)) at += 1;
  return at;
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}

export function numberOf(bytes: Uint8Array, from: number, end: number): number {
  let number = 0;
  for (let at = from; at < end; at += 1) number = number * 10 + (bytes[at] ?? 0) - ZERO;
  return number;
}

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;
const NUMBER_LENGTH_MAX = 32;

/** Any number that begins at `from`; NaN where none does. Its end is then in `place.end`. */
export function readNumber(bytes: TextBytes, from: number): number {
  const point = endOfDigits(bytes, from);
  const whole = point - from;
  const end = bytes[point] === POINT ? endOfDigits(bytes, point + 1) : point;
  const decimals = end === point ? 0 : end - point - 1;
  const isUsual = whole > 0 && end !== point + 1 && whole + decimals <= COUNTER_DIGITS_MAX;
  if (!isUsual || (bytes[from] === ZERO && whole > 1) || isNumberByte(bytes[end] ?? 0))
    return readUnusual(bytes, from);
  place.end = end;
  if (decimals === 0) return numberOf(bytes, from, point);
  // Both are exact, so that the quotient is the number that is nearest.
  const scale = POWERS[decimals] ?? Number.NaN;
  return (numberOf(bytes, from, point) * scale + numberOf(bytes, point + 1, end)) / scale;
}

const POINT = 0x2e;
const POWERS = Float64Array.from({ length: COUNTER_DIGITS_MAX + 1 }, (_, power) => 10 ** power);

function readUnusual(bytes: TextBytes, from: number): number {
  let end = from;
  while (end - from < NUMBER_LENGTH_MAX && isNumberByte(bytes[end] ?? 0)) end += 1;
  const text = bytes.toString("latin1", from, end);
  place.end = end;
  return NUMBER.test(text) && !isNumberByte(bytes[end] ?? 0) ? Number(text) : Number.NaN;
}

/** Digits, `.`, `+`, `-`, `e` and `E`. */
function isNumberByte(byte: number): boolean {
  return isDigit(byte) || byte === 0x2e || byte === 0x2b || byte === 0x2d || byte === 0x65 || byte === 0x45;
}
