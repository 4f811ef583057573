/** The 64 bits that stand for a text, as sixteen digits. */
export function fingerprintOf(text: string): string {
  const word = new Uint32Array(2);
  fingerprint(text, word);
  return [...word].map((half) => half.toString(16).padStart(8, "0")).join("");
}

/** Two 32-bit hashes of different multipliers that stir each other at the end. */
export function fingerprint(text: string, word: Uint32Array): void {
  let one = 0xdeadbeef;
  let other = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x9e3779b1);
    other = Math.imul(other ^ unit, 0x5f356495);
    one = (one << 13) | (one >>> 19);
    other = (other << 17) | (other >>> 15);
  }
  finish(one ^ text.length, other, word);
}

/** The same of 32-bit numbers. */
export function fingerprintOfNumbers(numbers: readonly number[], word: Uint32Array): void {
  let one = 0xdeadbeef;
  let other = 0x41c6ce57;
  for (let index = 0; index < numbers.length; index += 1) {
    const unit = numbers[index] ?? 0;
    one = Math.imul(one ^ unit, 0x9e3779b1);
    other = Math.imul(other ^ unit, 0x5f356495);
    one = (one << 13) | (one >>> 19);
    other = (other << 17) | (other >>> 15);
  }
  finish(one ^ numbers.length, other, word);
}

/** Both words zero never come of it: that is an empty place. */
function finish(one: number, other: number, word: Uint32Array): void {
  const high = mix(one, other);
  const low = mix(other, high);
  word[0] = high;
  word[1] = high === 0 && low === 0 ? 1 : low;
}

/** Spreads two words over one; every bit of either turns about half of the result's. */
export function mix(high: number, low: number): number {
  let mixed = Math.imul(high ^ (high >>> 15), 0x85ebca6b) ^ low;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
