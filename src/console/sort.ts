/** A list's order: by one of its columns, or null for its own. */
export interface Sort {
  readonly column: string;
  readonly isReversed: boolean;
}

/** Lists whose order can be chosen. */
export type ListName = "transactions" | "nodes" | "stock" | "ledger" | "log";
export type Sorts = Readonly<Record<ListName, Sort | null>>;

/** What each column is compared by, in the order in which a key goes through them. */
export type Keys<Item> = Readonly<Record<string, (item: Item) => string | number>>;

/** The list in the chosen order; in its own where none is chosen, and where two are alike. */
export function sorted<Item>(list: readonly Item[], sort: Sort | null, keys: Keys<Item>): readonly Item[] {
  const keyOf = sort === null ? undefined : keys[sort.column];
  if (sort === null || keyOf === undefined) return list;
  const order = sort.isReversed ? -1 : 1;
  return list.toSorted((a, b) => order * compare(keyOf(a), keyOf(b)));
}

const COLLATOR = new Intl.Collator("en", { numeric: true });

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return COLLATOR.compare(String(a), String(b));
}

/** The next column, and after the last the list's own order. */
export function nextSort(sort: Sort | null, columns: readonly string[]): Sort | null {
  const next = columns[sort === null ? 0 : columns.indexOf(sort.column) + 1];
  return next === undefined ? null : { column: next, isReversed: false };
}

/** The other way round. */
export function reversedSort(sort: Sort | null, columns: readonly string[]): Sort | null {
  if (sort !== null) return { ...sort, isReversed: !sort.isReversed };
  const [first] = columns;
  return first === undefined ? null : { column: first, isReversed: true };
}

/** `by AGE ↓`; empty for a list's own order. */
export function sortNote(sort: Sort | null): string {
  return sort === null ? "" : `by ${sort.column} ${sort.isReversed ? "↑" : "↓"}`;
}
