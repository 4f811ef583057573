/** The largest quantity of one item: 2^53 − 1, so that every JSON reader keeps it exactly. */
export const QUANTITY_MAX = BigInt(Number.MAX_SAFE_INTEGER);
/** The largest amount of one transfer, in minor units. */
export const AMOUNT_MAX = 10n ** 30n;
/** The largest sum that one side of an account may reach, in minor units. */
export const POSTED_MAX = 10n ** 36n;

export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

/**
 * Reads a whole number that was written as decimal digits or as a JSON number that is exact (at most 2^53 − 1).
 * Null when it is something else, or outside the range.
 */
export function parseWhole(value: unknown, { min, max }: Range): bigint | null {
  const whole = exactWhole(value);
  return whole === null || whole < min || whole > max ? null : whole;
}

/** What a refused number should have been. */
export function describeRange({ min, max }: Range): string {
  return `a whole number from ${min} to ${max > QUANTITY_MAX ? `10^${String(max).length - 1}` : max}`;
}

/** As many digits as every number of so many holds exactly. Such amounts, nearly all, are read and written faster as numbers. */
const DIGITS_EXACT = 15;

/** Reads the decimal digits of a delta. */
export function wholeOf(digits: string): bigint {
  return digits.length <= DIGITS_EXACT ? BigInt(Number(digits)) : BigInt(digits);
}

/** The decimal digits of a whole number. */
export function digitsOf(whole: bigint): string {
  return whole >= -QUANTITY_MAX && whole <= QUANTITY_MAX ? String(Number(whole)) : String(whole);
}

function exactWhole(value: unknown): bigint | null {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : null;
  if (typeof value === "string" && /^-?[0-9]{1,40}$/.test(value)) return wholeOf(value);
  return null;
}
