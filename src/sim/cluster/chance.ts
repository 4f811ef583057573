/** Chance from one seed: the same numbers on every machine, for only whole 32-bit arithmetic makes them. */
export interface Chance {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, count). */
  below(count: number): number;
  /** A number in [from, to). */
  between(from: number, to: number): number;
  /** True with that probability. */
  hit(probability: number): boolean;
  one<Item>(items: readonly Item[]): Item;
  /** Another stream for a purpose of its own: what is drawn from one changes nothing in the other. */
  split(purpose: string): Chance;
}

/** A stream of its own for each seed and path of purposes. */
export function createChance(seed: number, path = ""): Chance {
  const next = sfc32(hashOf(`${seed}${path}`));
  const below = (count: number) => Math.floor(next() * count);
  return {
    next,
    below,
    between: (from, to) => from + (to - from) * next(),
    hit: (probability) => next() < probability,
    one: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError("one of nothing");
      return item;
    },
    split: (purpose) => createChance(seed, `${path}/${purpose}`),
  };
}

/** Four words of a text's hash (cyrb128). */
function hashOf(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    h1 = h2 ^ Math.imul(h1 ^ code, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ code, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ code, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ code, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1];
}

/** Doty-Humphrey's small fast counter. */
function sfc32([first, second, third, fourth]: readonly [number, number, number, number]): () => number {
  let a = first | 0;
  let b = second | 0;
  let c = third | 0;
  let counter = fourth | 0;
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
}

/** A text as 16 hexadecimal digits; equal texts alone are equal, as far as a simulation can tell. */
export function digestOf(text: string): string {
  const [one, other] = hashOf(text);
  return hex(one) + hex(other);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
