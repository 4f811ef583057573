import { describeRange, parseWhole, type Range } from "./amounts.ts";
import { isPrintable, quote } from "./printable.ts";
import type { Parsed, Problem } from "./problem.ts";
import type { RawRow, RawRows } from "./raw-rows.ts";
import type { Whole } from "./whole.ts";

/** The longest key or name of a row, in UTF-16 units. */
export const TEXT_CHARACTERS_MAX = 64;

/**
 * Reads the fields of one row. A field that is refused is reported and a stand-in returned,
 * so that one pass finds every problem; rows with problems are never used.
 */
export interface FieldReader {
  text(field: string): string;
  whole(field: string, range: Range): Whole;
  /** Null where the field is absent or empty. */
  optionalWhole(field: string, range: Range): Whole | null;
  /** False where the field is absent or empty. */
  flag(field: string): boolean;
  /** Reports something that is wrong with several fields together; `value` and `expected` are shown as they are. */
  refuse(field: string, value: string, expected: string): void;
  choice<Choice extends string>(field: string, choices: readonly [Choice, ...Choice[]]): Choice;
}

/** Checks rows: reads each with `read`, and refuses a key that an earlier row has. */
export function checkRows<Row>(
  source: string,
  raw: RawRows,
  keyField: string,
  read: (fields: FieldReader) => Row,
): Parsed<Row> {
  const problems: Problem[] = [...raw.problems];
  const rows: Row[] = [];
  const places = new Map<string, string>();
  for (const row of raw.rows) {
    rows.push(read(fieldReader(source, row, problems)));
    const given = row.fields.get(keyField);
    // Anything else is refused as the field that it is.
    const key = typeof given === "string" ? given : "";
    const earlier = places.get(key);
    if (key === "" || earlier === undefined) {
      places.set(key, row.where);
    } else {
      const expected = `another than in ${earlier}`;
      problems.push({ source, where: row.where, field: keyField, value: quote(key), expected });
    }
  }
  if (problems.length === 0) return { ok: true, rows };
  return { ok: false, problems: problems.sort((left, right) => placeOf(left) - placeOf(right)) };
}

function placeOf({ where }: Problem): number {
  return Number(/\d+/.exec(where)?.[0] ?? 0);
}

function fieldReader(source: string, { where, fields }: RawRow, problems: Problem[]): FieldReader {
  const report = (field: string, value: string, expected: string) => {
    problems.push({ source, where, field, value, expected });
  };
  const refuse = (field: string, expected: string) => report(field, quote(fields.get(field)), expected);
  const isAbsent = (field: string) => ["", null, undefined].some((nothing) => fields.get(field) === nothing);
  const whole = (field: string, range: Range) => {
    const value = parseWhole(fields.get(field), range);
    if (value === null) refuse(field, describeRange(range));
    return value ?? range.min;
  };
  return {
    refuse: report,
    text(field) {
      const value = fields.get(field);
      if (typeof value === "string" && isGoodText(value)) return value;
      refuse(field, `text of 1 to ${TEXT_CHARACTERS_MAX} printable characters`);
      return "";
    },
    whole,
    optionalWhole: (field, range) => (isAbsent(field) ? null : whole(field, range)),
    flag(field) {
      const value = isAbsent(field) ? false : fields.get(field);
      if (value !== true && value !== false && value !== "true" && value !== "false") {
        refuse(field, "true or false");
      }
      return value === true || value === "true";
    },
    choice(field, choices) {
      const value = choices.find((known) => known === fields.get(field));
      if (value === undefined) refuse(field, `one of ${choices.join(", ")}`);
      return value ?? choices[0];
    },
  };
}

function isGoodText(value: string): boolean {
  return value !== "" && value === value.trim() && value.length <= TEXT_CHARACTERS_MAX && isPrintable(value);
}
