/** This share of a full table is dropped at once. */
const SHARE = 1 / 8;

/**
 * Keeps a table at no more than `max` entries by dropping its oldest, an eighth of it at a time: the way to the oldest entry
 * leads past the places of all that were dropped before it, and is walked once for thousands instead of for each.
 */
export function dropOldest<Key, Value>(
  table: Map<Key, Value>,
  max: number,
  mayDrop: (value: Value) => boolean = () => true,
): void {
  if (table.size <= max) return;
  let left = table.size - Math.floor(max * (1 - SHARE));
  // By their keys: walked in pairs, the table would make one of each entry.
  for (const key of table.keys()) {
    if (left === 0) return;
    const value = table.get(key);
    if (value !== undefined && !mayDrop(value)) continue;
    table.delete(key);
    left -= 1;
  }
}
