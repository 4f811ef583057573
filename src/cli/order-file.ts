import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { Compile } from "typebox/compile";
import { parseJson } from "../codec/json-text.ts";
import { printable } from "../codec/printable.ts";
import { TpcError } from "../core/errors.ts";
import { figureProblem } from "../resources/order-check.ts";
import { Order } from "../schema/operations.ts";

const checker = Compile(Order);
const FIELDS = Object.keys(Order.properties);

/**
 * Reads one order, or one a line, from a file or (`-`) from standard input.
 * Rejects with TPC_NO_INPUT when it cannot be read, TPC_BAD_INPUT naming line and place when it is malformed.
 */
export async function readOrders(path: string): Promise<readonly Order[]> {
  const name = path === "-" ? "standard input" : path;
  return parseOrders(await readText(path, name), name);
}

/** Splits `text` into orders: a whole document, or JSON lines where the first line is a document by itself. */
export function parseOrders(text: string, name: string): readonly Order[] {
  const lines = text
    .split("\n")
    .map((line, index) => ({ line: line.trim(), place: `${name}:${index + 1}` }))
    .filter(({ line }) => line !== "");
  const [first, second] = lines;
  if (first === undefined) throw new TpcError("TPC_BAD_INPUT", `${name} is empty`);
  if (second === undefined) return [parseOrder(first.line, first.place)];
  if ("value" in parseJson(first.line)) return lines.map(({ line, place }) => parseOrder(line, place));
  return [parseOrder(text, name)];
}

function parseOrder(text: string, place: string): Order {
  const json = parseJson(text);
  if ("problem" in json) throw malformed(place, json.problem.message);
  const { value } = json;
  if (checker.Check(value)) {
    for (const [index, operation] of value.operations.entries()) {
      const problem = figureProblem(operation);
      if (problem !== null) throw malformed(place, `/operations/${index} ${operation.op}: ${problem}`);
    }
    return value;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed(place, "an order is an object with `operations`");
  }
  const surplus = Object.keys(value).find((name) => !FIELDS.includes(name));
  if (surplus !== undefined) {
    throw malformed(
      place,
      `${JSON.stringify(surplus)} is no field of an order, which has ${FIELDS.join(", ")}`,
    );
  }
  const [error] = checker.Errors(value);
  throw malformed(
    place,
    error === undefined ? "not an order" : `${error.instancePath || "an order"} ${error.message}`,
  );
}

function malformed(place: string, problem: string): TpcError {
  return new TpcError("TPC_BAD_INPUT", printable(`${place}: ${problem}`));
}

async function readText(path: string, name: string): Promise<string> {
  const bytes = await readBytes(path, name);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new TpcError("TPC_BAD_INPUT", `${name} is not UTF-8 text`, { cause: error });
  }
}

async function readBytes(path: string, name: string): Promise<Uint8Array> {
  try {
    return path === "-" ? await buffer(process.stdin) : await readFile(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TpcError("TPC_NO_INPUT", `${name} cannot be read: ${why}`, { cause: error });
  }
}
