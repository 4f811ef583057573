/** First in, first out; taking one costs the same however many wait. */
export interface Queue<Item> {
  add(item: Item): void;
  first(): Item | undefined;
  count(): number;
  take(): Item | undefined;
  /** Those that were not taken, in order. */
  waiting(): Item[];
}

const PLACES_FIRST = 16;
/** A queue that is empty keeps no more places than these. */
const PLACES_KEPT_MAX = 4_096;

/** Items stand in a ring of places, a power of two, which are filled again and again. */
export function createQueue<Item extends object>(): Queue<Item> {
  let places = makePlaces<Item>(PLACES_FIRST);
  let start = 0;
  let count = 0;

  const waiting = () => {
    const items: Item[] = [];
    for (let each = 0; each < count; each += 1) {
      const item = places[(start + each) & (places.length - 1)];
      if (item !== undefined) items.push(item);
    }
    return items;
  };
  const grow = () => {
    const items = waiting();
    places = makePlaces(2 * count);
    for (const [place, item] of items.entries()) places[place] = item;
    start = 0;
  };

  return {
    add(item) {
      if (count === places.length) grow();
      places[(start + count) & (places.length - 1)] = item;
      count += 1;
    },
    first: () => places[start],
    count: () => count,
    waiting,
    take() {
      const item = places[start];
      if (item === undefined) return undefined;
      // Nothing that was taken is held on to: what lives too long is copied by the garbage collector again and again.
      places[start] = undefined;
      start = (start + 1) & (places.length - 1);
      count -= 1;
      if (count === 0 && places.length > PLACES_KEPT_MAX) {
        places = makePlaces(PLACES_FIRST);
        start = 0;
      }
      return item;
    },
  };
}

function makePlaces<Item>(count: number): (Item | undefined)[] {
  return new Array<Item | undefined>(count).fill(undefined);
}
