/** First in, first out; taking one costs the same however many wait. */
export interface Queue<Item> {
  add(item: Item): void;
  first(): Item | undefined;
  take(): Item | undefined;
  /** Those that were not taken, in order. */
  waiting(): Item[];
}

/** Taken places are cleared away when there are this many of them and they are half of all. */
const TAKEN_MAX = 1_024;

export function createQueue<Item>(): Queue<Item> {
  let items: (Item | undefined)[] = [];
  let taken = 0;
  return {
    add: (item) => void items.push(item),
    first: () => items[taken],
    waiting: () => items.slice(taken).flatMap((item) => item ?? []),
    take() {
      const item = items[taken];
      if (item === undefined) return undefined;
      // Nothing that was taken is held on to: what lives too long is copied by the garbage collector again and again.
      items[taken] = undefined;
      taken += 1;
      if (taken === items.length || (taken >= TAKEN_MAX && taken * 2 >= items.length)) {
        items = items.slice(taken);
        taken = 0;
      }
      return item;
    },
  };
}
