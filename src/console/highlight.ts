import type { Row, Span } from "./row.ts";

/** The row with every place of the words marked, also across its spans. */
export function highlightRow(row: Row, words: readonly string[]): Row {
  if (words.length === 0) return row;
  const text = row.map((each) => each.text).join("");
  const marks = marksIn(text.toLowerCase(), words);
  // Lower case has another length for a few letters; what cannot be placed is not marked.
  if (marks.length === 0 || text.toLowerCase().length !== text.length) return row;
  return markAll(row, marks);
}

/** Whether one of the words stands in the row. */
export function holdsWord(row: Row, words: readonly string[]): boolean {
  const text = row
    .map((each) => each.text)
    .join("")
    .toLowerCase();
  return words.some((word) => text.includes(word));
}

/** The row with these characters marked, counted from its beginning. */
export function markPlaces(row: Row, places: readonly number[]): Row {
  if (places.length === 0) return row;
  return markAll(
    row,
    places.map((place): Mark => [place, place + 1]),
  );
}

function markAll(row: Row, marks: readonly Mark[]): Row {
  const result: Span[] = [];
  let start = 0;
  for (const each of row) {
    result.push(...split(each, start, marks));
    start += each.text.length;
  }
  return result;
}

type Mark = readonly [from: number, to: number];

function marksIn(text: string, words: readonly string[]): readonly Mark[] {
  const found = words.flatMap((word): Mark[] => {
    const marks: Mark[] = [];
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
      marks.push([at, at + word.length]);
    }
    return marks;
  });
  return found.sort((a, b) => a[0] - b[0]);
}

function split(each: Span, start: number, marks: readonly Mark[]): readonly Span[] {
  const end = start + each.text.length;
  const parts: Span[] = [];
  let at = start;
  for (const [from, to] of marks) {
    const [left, right] = [Math.max(at, from), Math.min(end, to)];
    if (left >= right) continue;
    if (left > at) parts.push({ ...each, text: each.text.slice(at - start, left - start) });
    parts.push({ ...each, tone: "match", text: each.text.slice(left - start, right - start) });
    at = right;
  }
  if (at === start) return [each];
  return at === end ? parts : [...parts, { ...each, text: each.text.slice(at - start) }];
}
