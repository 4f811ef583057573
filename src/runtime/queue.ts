/** First in, first out; taking one costs the same however many wait. */
export interface Queue<Item> {
  add(item: Item): void;
  first(): Item | undefined;
  take(): Item | undefined;
}

/** Taken items are cleared away when there are this many of them and they are half of all. */
const TAKEN_MAX = 1_024;

export function createQueue<Item>(): Queue<Item> {
  let items: Item[] = [];
  let taken = 0;
  return {
    add: (item) => void items.push(item),
    first: () => items[taken],
    take() {
      const item = items[taken];
      if (item === undefined) return undefined;
      taken += 1;
      if (taken >= TAKEN_MAX && taken * 2 >= items.length) {
        items = items.slice(taken);
        taken = 0;
      }
      return item;
    },
  };
}
