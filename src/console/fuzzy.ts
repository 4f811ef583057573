/**
 * How well a name answers what was typed: -1 is it, 0 begins with it, 1 a word in it does, 2 holds it or each of its words, 3 holds
 * its letters in order; null where it does not answer at all.
 */
export function matchRank(query: string, name: string): number | null {
  const wanted = spaced(query.trim());
  const text = spaced(name);
  if (text === wanted) return -1;
  const at = text.indexOf(wanted);
  if (at === 0) return 0;
  if (at > 0) return /[a-z0-9]/.test(text[at - 1] ?? "") && !startsWord(text, wanted) ? 2 : 1;
  const words = wanted.split(" ");
  if (words.length > 1 && words.every((word) => text.includes(word))) return 2;
  return holdsInOrder(text, wanted) ? 3 : null;
}

/** `vote no` finds `vote-no`, and the other way round. */
function spaced(text: string): string {
  return text.toLowerCase().replaceAll("-", " ");
}

function startsWord(text: string, wanted: string): boolean {
  return text.split(/[^a-z0-9]+/).some((word) => word.startsWith(wanted));
}

function holdsInOrder(text: string, wanted: string): boolean {
  let at = 0;
  for (const letter of wanted) {
    if (letter === " ") continue;
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Those that answer, the best first, in their own order where they answer alike. */
export function bestMatches<Item>(
  query: string,
  items: readonly Item[],
  namesOf: (item: Item) => readonly string[],
): readonly Item[] {
  if (query.trim() === "") return items;
  const ranked = items.flatMap((item) => {
    // The first name is the item's own; the others are words about it, and letters strewn over a sentence mean nothing.
    const ranks = namesOf(item).flatMap((name, index) => {
      const rank = matchRank(query, name);
      return rank === null || (index > 0 && rank === 3) ? [] : [rank + (index > 0 ? 1.5 : 0)];
    });
    return ranks.length === 0 ? [] : [{ item, rank: Math.min(...ranks) }];
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

/** Which characters of a name answer what was typed; none where it does not. */
export function matchedPlaces(query: string, name: string): readonly number[] {
  const wanted = spaced(query.trim());
  const text = spaced(name);
  // Lower case has another length for a few letters; what cannot be placed is not marked.
  if (wanted === "" || text.length !== name.length) return [];
  const at = text.indexOf(wanted);
  if (at !== -1) return Array.from({ length: wanted.length }, (_, index) => at + index);
  const places: number[] = [];
  for (const letter of wanted) {
    if (letter === " ") continue;
    const place = text.indexOf(letter, (places.at(-1) ?? -1) + 1);
    if (place === -1) return [];
    places.push(place);
  }
  return places;
}
