/** What stands before parsing between a stranger's text and the memory of this process. */
export type JsonText =
  | { readonly value: unknown }
  | { readonly problem: { readonly code: JsonProblem; readonly message: string } };

export type JsonProblem = "malformed-json" | "too-deep" | "forbidden-key" | "duplicate-key";

/** How deeply arrays and objects may be nested; checked before parsing, which recurses. */
export const NESTING_MAX = 32;

/**
 * Parses JSON that may come from anybody. Refuses text nested deeper than `NESTING_MAX`, keys that stand twice in one
 * object (a parser would keep the last one silently), and keys that no field has: `__proto__`, and those with control
 * characters or line separators.
 */
export function parseJson(text: string): JsonText {
  const shape = measure(text);
  if (shape.depth > NESTING_MAX) return problem("too-deep", `nested deeper than ${NESTING_MAX} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return problem("malformed-json", error instanceof SyntaxError ? error.message : "not JSON");
  }
  const keys = { count: 0, forbidden: false };
  countKeys(value, keys);
  if (keys.forbidden) return problem("forbidden-key", "a key that no field may have");
  // Valid JSON has one colon a key outside its strings, and the parsed value has each key once.
  if (keys.count !== shape.colons) return problem("duplicate-key", "a key stands twice in one object");
  return { value };
}

function problem(code: JsonProblem, message: string): JsonText {
  return { problem: { code, message } };
}

/** The deepest nesting and the number of colons, both outside strings; one pass, no allocation. */
function measure(text: string): { readonly depth: number; readonly colons: number } {
  let depth = 0;
  let deepest = 0;
  let colons = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at + 1);
        break;
      case 0x3a: // :
        colons += 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > deepest) deepest = depth;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
    }
  }
  return { depth: deepest, colons };
}

/** Where the string that begins before `from` has its closing quote, or the end of a text that has none. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end >= 0 && isEscaped(text, from, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

/** A character is escaped by an odd number of backslashes before it. */
function isEscaped(text: string, from: number, at: number): boolean {
  let first = at;
  while (first > from && text.charCodeAt(first - 1) === 0x5c) first -= 1;
  return (at - first) % 2 === 1;
}

const FORBIDDEN_KEY = /^__proto__$|[\u0000-\u001f\u2028\u2029]/;
/** Keys that were looked at and found harmless; those of the protocol are soon all here. */
const harmless = new Set<string>();
const HARMLESS_MAX = 1_000;

function isForbidden(key: string): boolean {
  if (harmless.has(key)) return false;
  if (FORBIDDEN_KEY.test(key)) return true;
  if (harmless.size < HARMLESS_MAX && key.length <= 64) harmless.add(key);
  return false;
}

function countKeys(value: unknown, keys: { count: number; forbidden: boolean }): void {
  if (Array.isArray(value)) {
    for (const element of value) if (isStructured(element)) countKeys(element, keys);
  } else if (isStructured(value)) {
    // What the parser made has nothing but its own keys; a list of them would be made in vain.
    for (const key in value) {
      keys.count += 1;
      if (isForbidden(key)) keys.forbidden = true;
      const field = value[key];
      if (isStructured(field)) countKeys(field, keys);
    }
  }
}

function isStructured(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
