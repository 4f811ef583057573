import type { Address } from "../schema/ids.ts";
import { COUNTER_DIGITS_MAX, isPieceAt, pieceOf, type TextBytes } from "./canonical-pieces.ts";

/** Whether what was written last did not fit. */
export const room = { isShort: false };

/** What a put returns where the text is not plain or not valid, or where there is no room for it; else where it ends. */
export const MISS = -1;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Up to so many characters are put one by one; more by the one call that takes them all. */
const SHORT_MAX = 24;

/** `view` is of the bytes. */
export type PutText = (bytes: TextBytes, view: DataView, at: number, limit: number, text: string) => number;

export type PutRun = (bytes: TextBytes, at: number, limit: number, text: string, from?: number) => number;

/** Puts a text from its character `from` on; all must lie between two, and JSON must escape none of them. */
export function createPutRun(low: number, high: number): PutRun {
  const allowed = makeAllowed(low, high);
  return (bytes, at, limit, text, from = 0) => {
    const { length } = text;
    const begin = at - from;
    const end = begin + length;
    if (end > limit) return noRoom();
    if (length > SHORT_MAX && from === 0) {
      return bytes.write(text, at, "utf8") === length && isRun(bytes, at, end, allowed) ? end : MISS;
    }
    for (let place = from; place < length; place += 1) {
      const code = text.charCodeAt(place);
      if (allowed[code] !== 1) return MISS;
      bytes[begin + place] = code;
    }
    return end;
  };
}

/** By byte, 1 where it may stand in a run. */
function makeAllowed(low: number, high: number): Uint8Array {
  const allowed = new Uint8Array(256).fill(1, low, high + 1);
  allowed[QUOTE] = 0;
  allowed[BACKSLASH] = 0;
  return allowed;
}

/** All are looked at, whatever the first ones are: nearly always each may stand there. */
function isRun(bytes: Uint8Array, from: number, end: number, allowed: Uint8Array): boolean {
  let all = 1;
  for (let at = from; at < end; at += 1) all &= allowed[bytes[at] ?? 0] ?? 0;
  return all === 1;
}

const BLANK = 0x20;
const TILDE = 0x7e;
/** Puts any text that is plain. */
export const putPlain = createPutRun(BLANK, TILDE);

function noRoom(): number {
  room.isShort = true;
  return MISS;
}

const NUMBER_LENGTH_MAX = 32;
const HALF = 10_000_000;

/** Puts a finite number as JSON writes it. */
export function putNumber(bytes: TextBytes, at: number, limit: number, number: number): number {
  if (at + NUMBER_LENGTH_MAX > limit) return noRoom();
  if (!Number.isSafeInteger(number) || number < 0) return putPlain(bytes, at, limit, `${number}`);
  if (number < HALF) return putDigits(bytes, at, number, digitsOf(number));
  const high = Math.floor(number / HALF);
  const between =
    high < HALF ? putDigits(bytes, at, high, digitsOf(high)) : putNumber(bytes, at, limit, high);
  return putDigits(bytes, between, number - high * HALF, 7);
}

function digitsOf(number: number): number {
  if (number < 1_000) return number < 10 ? 1 : number < 100 ? 2 : 3;
  if (number < 100_000) return number < 10_000 ? 4 : 5;
  return number < 1_000_000 ? 6 : 7;
}

function putDigits(bytes: Uint8Array, at: number, number: number, digits: number): number {
  let left = number | 0;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const tenth = (left / 10) | 0;
    bytes[place] = 0x30 + left - tenth * 10;
    left = tenth;
  }
  return at + digits;
}

const TEXTS_MAX = 256;

/** Puts texts of which the same few come again and again: each is checked once. */
export function createPutKnown(isValid: (text: string) => boolean): PutText {
  /** By length and last character, which costs less than a hash; one that comes takes the place of another. */
  const known: (string | undefined)[] = new Array(TEXTS_MAX).fill(undefined);
  return (bytes, _view, at, limit, text) => {
    const { length } = text;
    const slot = (length * 8 + text.charCodeAt(length - 1)) & (TEXTS_MAX - 1);
    if (known[slot] !== text) {
      if (!isValid(text)) return MISS;
      known[slot] = text;
    }
    return putPlain(bytes, at, limit, text);
  };
}

const PREFIXES_MAX = 8;
const IDS_MAX = 1024;

/**
 * Puts ids that are plain and differ in a counter at their ends: all up to it is checked once. An id stands in several messages and
 * records: of those that were put lately it is known which bytes they begin with.
 */
export function createPutId(isValid: (text: string) => boolean): PutText {
  let prefixes: readonly DataView[] = [];
  const ids: (string | undefined)[] = new Array(IDS_MAX).fill(undefined);
  const prefixOf: (DataView | undefined)[] = new Array(IDS_MAX).fill(undefined);

  const putAnew = (bytes: TextBytes, view: DataView, at: number, id: string): number => {
    const end = at + id.length;
    if (bytes.write(id, at, "utf8") !== id.length) return MISS;
    for (const prefix of prefixes) {
      const first = at + prefix.byteLength;
      const isCounted = end > first && end - first <= COUNTER_DIGITS_MAX;
      if (!isCounted || !isPieceAt(prefix, view, at) || !isRun(bytes, first, end, DIGITS)) continue;
      ids[slotOf(id)] = id;
      prefixOf[slotOf(id)] = prefix;
      return end;
    }
    if (!isValid(id)) return MISS;
    prefixes = [pieceOf(bytes, at, at + id.lastIndexOf(".") + 1), ...prefixes.slice(0, PREFIXES_MAX - 1)];
    return end;
  };

  return (bytes, view, at, limit, id) => {
    const { length } = id;
    if (at + length > limit) return noRoom();
    const slot = slotOf(id);
    const prefix = prefixOf[slot];
    if (ids[slot] !== id || prefix === undefined) return putAnew(bytes, view, at, id);
    putPiece(prefix, view, at);
    for (let place = prefix.byteLength; place < length; place += 1) bytes[at + place] = id.charCodeAt(place);
    return at + length;
  };
}

/** By an id's last three digits. */
function slotOf(id: string): number {
  const last = id.length - 1;
  const digits = 100 * id.charCodeAt(last - 2) + 10 * id.charCodeAt(last - 1) + id.charCodeAt(last);
  return digits & (IDS_MAX - 1);
}

/** Four bytes at a time; the last four may overlap those before. */
function putPiece(piece: DataView, view: DataView, at: number): void {
  const last = piece.byteLength - 4;
  for (let place = 0; place < last; place += 4) view.setInt32(at + place, piece.getInt32(place));
  view.setInt32(at + last, piece.getInt32(last));
}

const DIGITS = makeAllowed(0x30, 0x39);

/** Puts a value; `value` is not looked at before. */
export type PutValue = (
  value: unknown,
  bytes: TextBytes,
  view: DataView,
  limit: number,
  at: number,
) => number;

const ADDRESSES_MAX = 256;
const ADDRESS_BYTES_MAX = 320;

interface KnownAddress {
  readonly name: string;
  readonly piece: Uint8Array;
}

/** Puts addresses, of which the same few come again and again: of those the bytes are kept. */
export function createPutAddress(put: PutValue): PutValue {
  const byUrl = new Map<string | undefined, KnownAddress>();
  return (value, bytes, view, limit, at) => {
    if (at + ADDRESS_BYTES_MAX > limit) return noRoom();
    const { name, url } = (value ?? NO_ADDRESS) as Partial<Address>;
    const known = byUrl.get(url);
    if (known !== undefined && known.name === name && hasTwoFields(value)) {
      bytes.set(known.piece, at);
      return at + known.piece.length;
    }
    const end = put(value, bytes, view, limit, at);
    if (end === MISS || name === undefined || end - at > ADDRESS_BYTES_MAX) return end;
    if (byUrl.size === ADDRESSES_MAX) byUrl.clear();
    byUrl.set(url, { name, piece: Uint8Array.from(bytes.subarray(at, end)) });
    return end;
  };
}

const NO_ADDRESS = {};

function hasTwoFields(value: unknown): boolean {
  let fields = 0;
  for (const _ in value as object) fields += 1;
  return fields === 2;
}
