import type { Operation } from "../schema/operations.ts";
import { AMOUNT_MAX, describeRange, parseWhole, QUANTITY_MAX, type Range } from "./amounts.ts";
import { quote } from "./printable.ts";

interface Figure {
  readonly field: string;
  readonly range: Range;
}

const QUANTITY: Figure = { field: "quantity", range: { min: 1, max: QUANTITY_MAX } };
const AMOUNT: Figure = { field: "amount", range: { min: 1, max: AMOUNT_MAX } };
const FIGURES: ReadonlyMap<string, Figure> = new Map([
  ["ship", QUANTITY],
  ["receive", QUANTITY],
  ["transfer", AMOUNT],
]);

/**
 * What is wrong with an operation's figure, whatever anybody keeps: a negative or fractional quantity, or none. Null
 * where it is well formed, and for operations of other kinds, which only their participants know.
 */
export function figureProblem(operation: Operation): string | null {
  const figure = FIGURES.get(operation.op);
  if (figure === undefined) return null;
  const { field, range } = figure;
  const value = operation[field];
  if (parseWhole(value, range) !== null) return null;
  return `${field} is ${quote(value)}, expected ${describeRange(range)}`;
}
