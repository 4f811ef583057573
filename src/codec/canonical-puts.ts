import { PLAIN, type TextBytes, ZERO } from "./canonical-pieces.ts";

/** Whether what was written last did not fit. */
export const room = { isShort: false };

/** What a put returns where the text is not plain or not valid, or where there is no room for it; else where it ends. */
export const MISS = -1;

/** Up to so many characters are put one by one; more by the one call that takes them all. */
const SHORT_MAX = 24;

/** `view` is of the bytes. */
export type PutText = (bytes: TextBytes, view: DataView, at: number, limit: number, text: string) => number;

export type PutRun = (bytes: TextBytes, at: number, limit: number, text: string, from?: number) => number;

/** Puts a value; `value` is not looked at before. */
export type PutValue = (
  value: unknown,
  bytes: TextBytes,
  view: DataView,
  limit: number,
  at: number,
) => number;

/** Puts a text from its character `from` on; all must be allowed. */
export function createPutRun(allowed: Uint8Array): PutRun {
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

/** All are looked at, whatever the first ones are: nearly always each may stand there. */
function isRun(bytes: Uint8Array, from: number, end: number, allowed: Uint8Array): boolean {
  let all = 1;
  for (let at = from; at < end; at += 1) all &= allowed[bytes[at] ?? 0] ?? 0;
  return all === 1;
}

/** Puts any text that is plain. */
export const putPlain = createPutRun(PLAIN);

export function noRoom(): number {
  room.isShort = true;
  return MISS;
}

const NUMBER_LENGTH_MAX = 32;
const HALF = 10_000_000;
const POINT = 0x2e;
/** So many digits tell every number from its neighbours. */
const EXACT_MAX = 1e15;

/** Puts a finite number as JSON writes it. */
export function putNumber(bytes: TextBytes, at: number, limit: number, number: number): number {
  if (at + NUMBER_LENGTH_MAX > limit) return noRoom();
  if (number >= 0 && Number.isSafeInteger(number)) return putWhole(bytes, at, number);
  const thousandths = Math.round(number * 1_000);
  if (thousandths > 0 && thousandths < EXACT_MAX && thousandths / 1_000 === number)
    return putThousandths(bytes, at, thousandths);
  return putPlain(bytes, at, limit, `${number}`);
}

function putThousandths(bytes: Uint8Array, at: number, thousandths: number): number {
  const whole = Math.floor(thousandths / 1_000);
  const point = putWhole(bytes, at, whole);
  bytes[point] = POINT;
  let end = putDigits(bytes, point + 1, thousandths - whole * 1_000, 3);
  while (bytes[end - 1] === ZERO) end -= 1;
  return end;
}

function putWhole(bytes: Uint8Array, at: number, number: number): number {
  if (number < HALF) return putDigits(bytes, at, number, digitsOf(number));
  const high = Math.floor(number / HALF);
  return putDigits(bytes, putWhole(bytes, at, high), number - high * HALF, 7);
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
    bytes[place] = ZERO + left - tenth * 10;
    left = tenth;
  }
  return at + digits;
}
