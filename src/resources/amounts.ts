import { isLess, type Whole, wholeOf } from "./whole.ts";

/** The largest quantity of one item: 2^53 − 1, so that every JSON reader keeps it exactly. */
export const QUANTITY_MAX = Number.MAX_SAFE_INTEGER;
/** The largest amount of one transfer, in minor units. */
export const AMOUNT_MAX = 10n ** 30n;
/** The largest sum that one side of an account may reach, in minor units. */
export const POSTED_MAX = 10n ** 36n;

export interface Range {
  readonly min: Whole;
  readonly max: Whole;
}

/**
 * Reads a whole number that was written as decimal digits or as a JSON number that is exact (at most 2^53 − 1).
 * Null when it is something else, or outside the range.
 */
export function parseWhole(value: unknown, { min, max }: Range): Whole | null {
  const whole = exactWhole(value);
  return whole === null || isLess(whole, min) || isLess(max, whole) ? null : whole;
}

/** What a refused number should have been. */
export function describeRange({ min, max }: Range): string {
  return `a whole number from ${min} to ${max > QUANTITY_MAX ? `10^${String(max).length - 1}` : max}`;
}

function exactWhole(value: unknown): Whole | null {
  // Added to, what is below zero by its sign alone is zero.
  if (typeof value === "number") return Number.isSafeInteger(value) ? value + 0 : null;
  if (typeof value === "string" && /^-?[0-9]{1,40}$/.test(value)) return wholeOf(value);
  return null;
}
