/** One thing that is wrong with a file, ready to be shown: every text in it is printable and short. */
export interface Problem {
  /** The file's name. */
  readonly source: string;
  /** `line 3` of a CSV, `[2]` in a JSON array; empty where the file as a whole is meant. */
  readonly where: string;
  /** The column, or what else is wrong: `file`, `column`, `row`. */
  readonly field: string;
  /** As it was found, in quotes if it is text. */
  readonly value: string;
  readonly expected: string;
}

/** What was read from a file, or everything that is wrong with it. */
export type Parsed<Row> =
  | { readonly ok: true; readonly rows: readonly Row[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** One line without its end: `stock.csv line 3: onHand is "-2", expected a whole number from 0 to 9007199254740991`. */
export function describeProblem({ source, where, field, value, expected }: Problem): string {
  return `${where === "" ? source : `${source} ${where}`}: ${field} is ${value}, expected ${expected}`;
}
