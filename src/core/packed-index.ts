/**
 * Where things stand, by hash: an index of open addressing, cut into parts that grow one at a time, so that none of them takes
 * long. A slot keeps the whole hash beside the place: a stranger is told by it without a look at what stands there, and a part
 * that grows looks at nothing but itself.
 */
export interface PackedIndex {
  /** None before the first place. */
  parts: (IndexPart | undefined)[];
  /** How many places are in it. */
  size: number;
}

interface IndexPart {
  /** Two numbers a slot, the place and its hash. A place of 0 is none. */
  slots: Uint32Array;
  count: number;
}

const PARTS = 128;
const PART_BITS = 7;
const SLOTS_FIRST = 8;
const NONE = 0;

export function makeIndex(): PackedIndex {
  return { parts: [], size: 0 };
}

/** An empty index in which each part is as large as these hashes will want it. */
export function makeIndexFor(hashes: Uint32Array): PackedIndex {
  const index = { parts: makeParts(), size: 0 };
  const counts = new Uint32Array(PARTS);
  for (const hash of hashes) counts[hash % PARTS] = (counts[hash % PARTS] ?? 0) + 1;
  counts.forEach((count, part) => {
    if (count > 0) index.parts[part] = makePart(slotsFor(count));
  });
  return index;
}

/** Adds a place, which is not 0. The same hash may have several. */
export function addPlace(index: PackedIndex, hash: number, place: number): void {
  if (index.parts.length === 0) index.parts = makeParts();
  let part = index.parts[hash % PARTS];
  if (part === undefined) {
    part = makePart(SLOTS_FIRST);
    index.parts[hash % PARTS] = part;
  }
  if (isFull(part)) grow(part);
  insert(part.slots, hash, place);
  part.count += 1;
  index.size += 1;
}

/** The first place of this hash for which `isIt` holds. */
export function findPlace(
  { parts }: PackedIndex,
  hash: number,
  isIt: (place: number) => boolean,
): number | undefined {
  const part = parts[hash % PARTS];
  if (part === undefined) return undefined;
  const { slots } = part;
  for (let at = startOf(slots, hash); ; at = nextOf(slots, at)) {
    const place = slots[at] ?? NONE;
    if (place === NONE) return undefined;
    if (slots[at + 1] === hash && isIt(place)) return place;
  }
}

/** Takes a place out; those behind it move up, so that nothing is left where it was. */
export function removePlace(index: PackedIndex, hash: number, place: number): void {
  const part = index.parts[hash % PARTS];
  if (part === undefined) return;
  const { slots } = part;
  let gap = startOf(slots, hash);
  while (slots[gap] !== place) {
    if (slots[gap] === NONE) return;
    gap = nextOf(slots, gap);
  }
  for (let at = nextOf(slots, gap); slots[at] !== NONE; at = nextOf(slots, at)) {
    // What stands where it belongs, or behind where it belongs but not before the gap, is found without moving.
    if (distance(slots, startOf(slots, slots[at + 1] ?? 0), at) < distance(slots, gap, at)) continue;
    slots[gap] = slots[at] ?? NONE;
    slots[gap + 1] = slots[at + 1] ?? 0;
    gap = at;
  }
  slots[gap] = NONE;
  index.size -= 1;
  part.count -= 1;
  if (part.count === 0) index.parts[hash % PARTS] = undefined;
}

function makeParts(): (IndexPart | undefined)[] {
  return new Array(PARTS).fill(undefined);
}

function makePart(slots: number): IndexPart {
  return { slots: new Uint32Array(slots * 2), count: 0 };
}

/** How many slots a part wants that so many are in, and some more to come. */
function slotsFor(count: number): number {
  let slots = SLOTS_FIRST;
  while (slots < (count + 1) * 2) slots *= 2;
  return slots;
}

/** One that is added shall leave a quarter of the slots free: the way past those that are taken stays short. */
function isFull({ slots, count }: IndexPart): boolean {
  return (count + 1) * 8 > slots.length * 3;
}

function grow(part: IndexPart): void {
  const { slots } = part;
  const grown = new Uint32Array(slots.length * 2);
  for (let at = 0; at < slots.length; at += 2) {
    const place = slots[at] ?? NONE;
    if (place !== NONE) insert(grown, slots[at + 1] ?? 0, place);
  }
  part.slots = grown;
}

function insert(slots: Uint32Array, hash: number, place: number): void {
  let at = startOf(slots, hash);
  while (slots[at] !== NONE) at = nextOf(slots, at);
  slots[at] = place;
  slots[at + 1] = hash;
}

/** Where the way through the slots begins for a hash; the bits that have chosen the part say nothing more. */
function startOf(slots: Uint32Array, hash: number): number {
  return ((hash >>> PART_BITS) * 2) & (slots.length - 1);
}

function nextOf(slots: Uint32Array, at: number): number {
  return (at + 2) & (slots.length - 1);
}

function distance(slots: Uint32Array, from: number, to: number): number {
  return (to - from) & (slots.length - 1);
}
