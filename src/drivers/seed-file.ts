import { readFile } from "node:fs/promises";
import { parseJson } from "../codec/json-text.ts";
import { TpcError } from "../core/errors.ts";
import type { OpeningAccount } from "../resources/account.ts";
import { parseAccounts } from "../resources/accounts-file.ts";
import { parseInventory } from "../resources/inventory-file.ts";
import { describeProblem, type Parsed } from "../resources/problem.ts";
import type { FileOrigin } from "../resources/raw-rows.ts";
import type { StockItem } from "../resources/stock.ts";

/**
 * Reads a starting stock from a CSV or JSON file. Throws TPC_NO_INPUT when it cannot be read, TPC_BAD_INPUT with the
 * first problem and the number of the others when it is malformed.
 */
export function readInventory(path: string): Promise<readonly StockItem[]> {
  return readSeed(path, parseInventory);
}

/** Reads a chart of accounts from a CSV or JSON file; throws as `readInventory` does. */
export function readAccounts(path: string): Promise<readonly OpeningAccount[]> {
  return readSeed(path, parseAccounts);
}

async function readSeed<Row>(
  path: string,
  parse: (text: string, origin: FileOrigin) => Parsed<Row>,
): Promise<readonly Row[]> {
  const text = decode(path, await readBytes(path));
  const format = formatOf(path, text);
  if (format === "json") refuseAmbiguous(path, text);
  const parsed = parse(text, { format, source: path });
  if (parsed.ok) return parsed.rows;
  const [first, ...others] = parsed.problems.map(describeProblem);
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  throw new TpcError("TPC_BAD_INPUT", `${first}${more}`);
}

/** A key that stands twice has two values, and a parser keeps the last in silence. */
function refuseAmbiguous(path: string, text: string): void {
  const json = parseJson(text.replace("\ufeff", ""));
  if (!("problem" in json) || json.problem.code === "malformed-json") return;
  throw new TpcError("TPC_BAD_INPUT", `${path}: ${json.problem.message}`);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TpcError("TPC_NO_INPUT", `cannot read ${path}: ${why}`, { cause });
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TpcError("TPC_BAD_INPUT", `${path}: file is not UTF-8, expected UTF-8 text`, { cause });
  }
}

// The name decides where it can; a pipe or a file without an ending is known by its first character.
function formatOf(path: string, text: string): FileOrigin["format"] {
  if (/\.json$/i.test(path)) return "json";
  if (/\.csv$/i.test(path)) return "csv";
  return /^\s*[[{]/.test(text) ? "json" : "csv";
}
