import { parse } from "csv-parse/sync";
import { plain, quote } from "./printable.ts";
import type { Problem } from "./problem.ts";

/** A file's text and how to read it; `source` is the name that problems give. */
export interface FileOrigin {
  readonly format: "csv" | "json";
  readonly source: string;
}

export interface Columns {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** A row before it is checked: where it stands, and its fields by name. */
export interface RawRow {
  readonly where: string;
  readonly fields: ReadonlyMap<string, unknown>;
}

export interface RawRows {
  readonly rows: readonly RawRow[];
  readonly problems: readonly Problem[];
}

const ERROR_CHARACTERS_MAX = 160;

/** Takes a file apart into rows. Blank lines, a byte order mark and the order of columns mean nothing. */
export function readRawRows(text: string, { format, source }: FileOrigin, columns: Columns): RawRows {
  if (text.trim() === "") return fail(source, "", "file", "empty", "at least one row");
  return format === "csv" ? readCsv(text, source, columns) : readJson(text, source, columns);
}

/** Rows of a parsed JSON document: an array of objects that have only the given columns. */
export function rowsOfJson(value: unknown, source: string, columns: Columns): RawRows {
  if (!Array.isArray(value)) return fail(source, "", "file", quote(value), "an array of objects");
  if (value.length === 0) return fail(source, "", "file", "empty", "at least one row");
  const rows: RawRow[] = [];
  const problems: Problem[] = [];
  for (const [index, element] of value.entries()) {
    const where = `[${index}]`;
    if (typeof element === "object" && element !== null && !Array.isArray(element)) {
      const fields = new Map<string, unknown>(Object.entries(element));
      problems.push(...findUnknown([...fields.keys()], columns, source, where));
      rows.push({ where, fields });
    } else {
      problems.push({ source, where, field: "row", value: quote(element), expected: "an object" });
    }
  }
  return { rows, problems };
}

function readJson(text: string, source: string, columns: Columns): RawRows {
  try {
    const value: unknown = JSON.parse(text.replace("\ufeff", ""));
    return rowsOfJson(value, source, columns);
  } catch (error) {
    const why = error instanceof Error ? plain(error.message, ERROR_CHARACTERS_MAX) : "no JSON";
    return fail(source, "", "file", `unreadable (${why})`, "a JSON array of objects");
  }
}

function readCsv(text: string, source: string, columns: Columns): RawRows {
  const table = readTable(text);
  if ("line" in table) {
    const expected = "quotes around whole fields, and quotes inside them doubled";
    return fail(source, `line ${table.line}`, "quoting", "broken", expected);
  }
  const [header, ...body] = table.lines;
  if (header === undefined) return fail(source, "", "file", "empty", "at least one row");
  const where = `line ${header.line}`;
  const headerProblems = [
    ...findUnknown(header.cells, columns, source, where),
    ...findMissing(header.cells, columns, source, where),
  ];
  if (headerProblems.length > 0) return { rows: [], problems: headerProblems };
  if (body.length === 0) return fail(source, "", "file", "only a header", "at least one row");
  const rows: RawRow[] = [];
  const problems: Problem[] = [];
  for (const { line, cells } of body) {
    const place = { source, where: `line ${line}` };
    if (cells.length === header.cells.length) {
      rows.push({ where: place.where, fields: new Map(header.cells.map((name, at) => [name, cells[at]])) });
    } else {
      const expected = `${header.cells.length}, as in the header`;
      problems.push({ ...place, field: "number of fields", value: String(cells.length), expected });
    }
  }
  return { rows, problems };
}

interface CsvLine {
  /** Counted from 1; the last one of a row whose quoted field spans several. */
  readonly line: number;
  readonly cells: readonly string[];
}

// Lines come by the callback because the types of the result leave them out. Trimming also takes a byte order mark.
function readTable(text: string): { readonly lines: readonly CsvLine[] } | { readonly line: number } {
  const lines: CsvLine[] = [];
  try {
    parse(text, {
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      on_record: (cells: string[], info) => {
        lines.push({ line: info.lines, cells });
        return null;
      },
    });
    return { lines };
  } catch (error) {
    const line = error instanceof Error && "lines" in error ? Number(error.lines) : lines.length + 1;
    return { line };
  }
}

function findUnknown(names: readonly string[], columns: Columns, source: string, where: string): Problem[] {
  const known = [...columns.required, ...columns.optional];
  const expected = `each of ${known.join(", ")} at most once`;
  return names
    .filter((name, at) => !known.includes(name) || names.indexOf(name) !== at)
    .map((name) => ({ source, where, field: "column", value: quote(name), expected }));
}

function findMissing(names: readonly string[], columns: Columns, source: string, where: string): Problem[] {
  return columns.required
    .filter((name) => !names.includes(name))
    .map((name) => ({
      source,
      where,
      field: `column ${name}`,
      value: "missing",
      expected: "it in the header",
    }));
}

function fail(source: string, where: string, field: string, value: string, expected: string): RawRows {
  return { rows: [], problems: [{ source, where, field, value, expected }] };
}
