import type { Operation } from "../schema/operations.ts";

/** Operations as one text, whatever the order in which their fields were written. */
export function canonicalOperations(operations: readonly Operation[]): string {
  return JSON.stringify(
    operations.map((operation) => sortFew(Object.keys(operation)).map((field) => [field, operation[field]])),
  );
}

const FEW = 16;

/** Sorts in place: a few by insertion, for `sort` makes more than a kilobyte of garbage however few there are. */
function sortFew(texts: string[]): string[] {
  if (texts.length > FEW) return texts.sort();
  texts.forEach(moveDown);
  return texts;
}

/** Brings a text to its place among those before it, which are in order. */
function moveDown(text: string, place: number, texts: string[]): void {
  let at = place;
  while (at > 0) {
    const before = texts[at - 1];
    if (before === undefined || before <= text) break;
    texts[at] = before;
    at -= 1;
  }
  texts[at] = text;
}
