import type { Operation } from "../schema/operations.ts";

/** What operations of one kind for one participant have in common, if their fields stand in the same order and are of the same types. */
interface Shape {
  readonly participant: string;
  readonly op: string;
  /** As they stand in the operation. */
  readonly names: readonly string[];
  readonly isText: readonly boolean[];
  /** In order, each with what stands before its value, and where among the names it is; without the two above, which are part of that. */
  readonly fields: readonly { readonly place: number; readonly before: string }[];
  readonly after: string;
}

/** Nearly all operations have the shape of one before them. Those met last are kept; which they are changes no text. */
const SHAPES_MAX = 32;
const shapes: Shape[] = [];
/** Those of the operation whose shape was found last, in the order of its names: to look a value up by its name takes far longer. */
const values: (Operation[string] | undefined)[] = [];

/**
 * Operations as one text, whatever the order in which their fields were written: what JSON says of a list of their fields, each a
 * name and a value, in the order of the names.
 */
export function canonicalOperations(operations: readonly Operation[]): string {
  let text = "[";
  for (const operation of operations) {
    const { fields, after } = shapeOf(operation);
    if (text.length > 1) text += ",";
    for (const { place, before } of fields) text += before + inside(values[place]);
    text += after;
  }
  return `${text}]`;
}

function shapeOf(operation: Operation): Shape {
  for (const shape of shapes) if (hasShape(operation, shape)) return shape;
  const shape = makeShape(operation);
  shapes.push(shape);
  if (shapes.length > SHAPES_MAX) shapes.shift();
  for (const [place, name] of shape.names.entries()) values[place] = operation[name];
  return shape;
}

function hasShape(operation: Operation, { participant, op, names, isText }: Shape): boolean {
  if (operation.op !== op || operation.participant !== participant) return false;
  let met = 0;
  for (const name in operation) {
    const value = operation[name];
    if (names[met] !== name || isText[met] !== (typeof value === "string")) return false;
    values[met] = value;
    met += 1;
  }
  return met === names.length;
}

function makeShape(operation: Operation): Shape {
  const { participant, op } = operation;
  const names = Object.keys(operation);
  const fields: { readonly place: number; readonly before: string }[] = [];
  // Joined, it is one flat text, where a template is a rope of its parts.
  let pieces = ["["];
  for (const name of names.toSorted()) {
    if (pieces.at(-1) === "]") pieces.push(",");
    pieces.push("[", JSON.stringify(name), ",");
    const value = operation[name];
    if (name === "participant" || name === "op") {
      pieces.push(JSON.stringify(value), "]");
      continue;
    }
    const quote = typeof value === "string" ? '"' : "";
    fields.push({ place: names.indexOf(name), before: [...pieces, quote].join("") });
    pieces = [quote, "]"];
  }
  const isText = names.map((name) => typeof operation[name] === "string");
  return { participant, op, names, isText, fields, after: [...pieces, "]"].join("") };
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
