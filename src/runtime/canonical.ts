import type { Operation } from "../schema/operations.ts";

/** What operations with the same fields, in the same order, of the same types have in common. */
interface Shape {
  /** As they stand in the operation. */
  readonly names: readonly string[];
  readonly isText: readonly boolean[];
  /** In order, each with what stands before its value. */
  readonly fields: readonly { readonly name: string; readonly before: string }[];
  readonly after: string;
}

/** Nearly all operations have the shape of one before them. Those met last are kept; which they are changes no text. */
const SHAPES_MAX = 16;
const shapes: Shape[] = [];

/**
 * Operations as one text, whatever the order in which their fields were written: what JSON says of a list of their fields, each a
 * name and a value, in the order of the names.
 */
export function canonicalOperations(operations: readonly Operation[]): string {
  let text = "[";
  for (const operation of operations) {
    const { fields, after } = shapeOf(operation);
    if (text.length > 1) text += ",";
    for (const { name, before } of fields) text += before + inside(operation[name]);
    text += after;
  }
  return `${text}]`;
}

function shapeOf(operation: Operation): Shape {
  for (const shape of shapes) if (hasShape(operation, shape)) return shape;
  const shape = makeShape(operation);
  shapes.push(shape);
  if (shapes.length > SHAPES_MAX) shapes.shift();
  return shape;
}

function hasShape(operation: Operation, { names, isText }: Shape): boolean {
  let met = 0;
  for (const name in operation) {
    if (names[met] !== name || isText[met] !== (typeof operation[name] === "string")) return false;
    met += 1;
  }
  return met === names.length;
}

function makeShape(operation: Operation): Shape {
  const names = Object.keys(operation);
  const quoteOf = (name: string | undefined) =>
    name !== undefined && typeof operation[name] === "string" ? '"' : "";
  const inOrder = names.toSorted();
  const fields = inOrder.map((name, place) => {
    const start = place === 0 ? "[" : `${quoteOf(inOrder[place - 1])}],`;
    return { name, before: `${start}[${JSON.stringify(name)},${quoteOf(name)}` };
  });
  return {
    names,
    isText: names.map((name) => typeof operation[name] === "string"),
    fields,
    after: `${quoteOf(inOrder.at(-1))}]]`,
  };
}

/** A value as JSON has it, a text without its quotes. */
function inside(value: Operation[string] | undefined): string {
  if (typeof value === "string") return isPlain(value) ? value : JSON.stringify(value).slice(1, -1);
  return Number.isSafeInteger(value) ? `${value}` : JSON.stringify(value);
}

const BLANK = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TILDE = 0x7e;

/** Whether JSON writes each character as it is. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < BLANK || code > TILDE || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}
