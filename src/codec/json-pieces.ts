/** Elements of a list that are written in one go. */
const ELEMENTS = 500;
/** How deep objects are taken apart; what lies deeper is small. */
const DEPTH = 3;

/**
 * The text that `JSON.stringify` gives, in pieces that are each made in a moment, however long the lists in the outer levels
 * are. A list may be any iterable, which is read as the pieces are asked for.
 */
export function* jsonPieces(value: unknown, depth = 0): Generator<string, void> {
  if (typeof value !== "object" || value === null) yield JSON.stringify(value);
  else if (isIterable(value)) yield* listPieces(value);
  else if (depth === DEPTH) yield JSON.stringify(value);
  else {
    let before = "{";
    for (const [key, field] of Object.entries(value)) {
      if (field === undefined) continue;
      yield `${before}${JSON.stringify(key)}:`;
      yield* jsonPieces(field, depth + 1);
      before = ",";
    }
    yield before === "{" ? "{}" : "}";
  }
}

function* listPieces(list: Iterable<unknown>): Generator<string, void> {
  let before = "[";
  let elements: unknown[] = [];
  for (const element of list) {
    if (elements.push(element) < ELEMENTS) continue;
    yield before + withoutBrackets(elements);
    before = ",";
    elements = [];
  }
  if (elements.length > 0) {
    yield before + withoutBrackets(elements);
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

function withoutBrackets(elements: readonly unknown[]): string {
  return JSON.stringify(elements).slice(1, -1);
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}
