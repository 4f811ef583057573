/** So many entries a table takes in before it is renewed, and no larger one is copied than four times that. */
const TAKEN_MAX = 512;
const SIZE_MAX = 4 * TAKEN_MAX;

/**
 * A table of what comes and goes, or a copy of it each time that it has taken in a number of entries; `taken` counts them.
 *
 * Where entries come and go, V8 replaces what is inside a Map every few hundred of them, and what it has replaced points to what
 * replaced it. Once one of these has grown old, all that follow it outlive each collection of the young generation, together
 * with what they held: whole transactions, long finished. A copy has no such past.
 */
export function renewed<Key, Value>(table: Map<Key, Value>, taken: number): Map<Key, Value> {
  if (taken % TAKEN_MAX !== 0 || table.size > SIZE_MAX) return table;
  const copy = new Map<Key, Value>();
  // The constructor would make a pair of each entry.
  table.forEach((value, key) => void copy.set(key, value));
  return copy;
}
