/**
 * A whole number, exact however large: a number where that holds it exactly (2^53 − 1 either side of zero), a bigint beyond. Each has
 * one form, so `===` tells whether two are the same. Nearly all are numbers, which cost no object and are compared at once.
 */
export type Whole = number | bigint;

export function plus(one: Whole, other: Whole): Whole {
  if (typeof one === "number" && typeof other === "number") {
    const sum = one + other;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return inOneForm(BigInt(one) + BigInt(other));
}

export function negative(whole: Whole): Whole {
  return typeof whole === "number" ? 0 - whole : -whole;
}

/** The digits of a delta that takes so much off. */
export function lessOf(whole: Whole): string {
  return String(negative(whole));
}

export function minus(one: Whole, other: Whole): Whole {
  return plus(one, negative(other));
}

/** The same as `<`, which takes long between a number and a bigint: that one lies beyond all numbers, on the side of its sign. */
export function isLess(one: Whole, other: Whole): boolean {
  if (typeof one === typeof other) return one < other;
  return typeof one === "bigint" ? one < 0n : other > 0n;
}

/** As many digits as every number of so many holds exactly. */
const DIGITS_EXACT = 15;
const MINUS = 0x2d;
const ZERO = 0x30;

/** Reads decimal digits, with a minus before them or without. Throws at anything else. */
export function wholeOf(digits: string): Whole {
  const isNegative = digits.charCodeAt(0) === MINUS;
  const first = isNegative ? 1 : 0;
  if (digits.length === first || digits.length > DIGITS_EXACT) return inOneForm(BigInt(digits));
  let value = 0;
  for (let at = first; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return inOneForm(BigInt(digits));
    value = value * 10 + digit;
  }
  return isNegative ? 0 - value : value;
}

function inOneForm(big: bigint): Whole {
  const number = Number(big);
  return Number.isSafeInteger(number) ? number : big;
}
