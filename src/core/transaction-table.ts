import type { TransactionId } from "../schema/ids.ts";
import { counterOf, idInRun, NO_RUN, placeOfId, type RunOfId, runOf } from "./ids.ts";

/**
 * A table of transactions, used as a Map is. Thousands of them come and go every second, and a Map makes its inside anew every few
 * hundred, and hashes and compares each text that names one. But the counters of a run follow one another: here each run has a ring
 * of places, in which a counter's place is what its lowest bits say.
 *
 * A walk leads over what stands beside the rings, most of it far behind, and then from run to run as they came, in each from the
 * lowest counter on. Meanwhile entries may leave and be given other values; one that enters is met or not.
 */
export interface TransactionTable<Value> extends Iterable<[TransactionId, Value]> {
  readonly size: number;
  get(transactionId: TransactionId): Value | undefined;
  has(transactionId: TransactionId): boolean;
  /** `undefined` is no value. */
  set(transactionId: TransactionId, value: Value): void;
  /** False when there was no such entry. */
  delete(transactionId: TransactionId): boolean;
  /** Where a walk begins. */
  first(): TransactionId | undefined;
  keys(): IterableIterator<TransactionId>;
  values(): IterableIterator<Value>;
}

/** The entries of one run, but for those that stand beside it. */
interface Ring<Value> {
  run: RunOfId;
  /** As many as there are places, which is a power of two. Whose they are is said by run and counter. */
  values: (Value | undefined)[];
  /** The lowest counter that has a value, and the highest that had one: no further apart than there are places. */
  low: number;
  high: number;
  count: number;
  /** The highest counter of the run that ever stood beside the rings: what is above it need not be looked for there. */
  besideHigh: number;
}

const PLACES_FIRST = 8;
/** A ring of more places than these gives most of them back when what it holds is within an eighth of them. */
const PLACES_KEPT = 4_096;
/** A ring grows while it is this full at least; of an emptier one the lowest leave: something long under way is far behind the others. */
const FULL = 1 / 4;
/** More runs than any cluster has at work; what comes of others stands beside the rings. */
const RINGS_MAX = 16;

/** A table of these entries. */
export function makeTransactionTable<Value>(
  entries: Iterable<readonly [TransactionId, Value]> = [],
): TransactionTable<Value> {
  let rings: Ring<Value>[] = [];
  /** The ring that was met last. */
  let last = makeRing<Value>(NO_RUN);
  /** What the rings have no place for: counters far behind the others of their run, and whatever is strange. */
  const beside = new Map<TransactionId, Value>();
  let inRings = 0;

  /** The ring of a run, should it have one. */
  const ringOf = (run: RunOfId): Ring<Value> | undefined => (last.run === run ? last : findRing(run));

  const findRing = (run: RunOfId): Ring<Value> | undefined => {
    const found = rings.find((each) => each.run.text === run.text);
    if (found) {
      // Where it is another object of the same run, it is the one that ids have from now on.
      found.run = run;
      last = found;
    }
    return found;
  };

  const addRing = (run: RunOfId): Ring<Value> | undefined => {
    if (rings.length === RINGS_MAX) rings = rings.filter(({ count }) => count > 0);
    if (rings.length === RINGS_MAX) return undefined;
    last = makeRing(run);
    for (const id of beside.keys()) if (runOf(id).text === run.text) noteBeside(last, counterOf(id));
    rings.push(last);
    return last;
  };

  /** Makes a place for a counter, unless it is too far behind. */
  const makeRoom = (ring: Ring<Value>, counter: number): boolean => {
    if (ring.count === 0) {
      ring.low = counter;
      ring.high = counter;
    }
    if (counter < ring.low) {
      if (ring.high - counter >= ring.values.length) return false;
      ring.low = counter;
    }
    while (counter - ring.low >= ring.values.length) {
      if (ring.count >= ring.values.length * FULL) resize(ring, ring.values.length * 2);
      else putBeside(ring, counter);
    }
    ring.high = Math.max(ring.high, counter);
    return true;
  };

  /** The lowest leaves the ring; when nothing is left, the ring begins at `next`. */
  const putBeside = (ring: Ring<Value>, next: number) => {
    const value = ring.values[placeOf(ring, ring.low)];
    if (value !== undefined) {
      beside.set(idAt(ring, ring.low), value);
      noteBeside(ring, ring.low);
    }
    remove(ring, ring.low);
    inRings -= 1;
    if (ring.count === 0) ring.low = next;
  };

  function* walk(): Generator<[TransactionId, Value], void> {
    yield* beside;
    for (const ring of rings)
      for (const [counter, value] of walkRing(ring)) yield [idAt(ring, counter), value];
  }

  const get = (id: TransactionId): Value | undefined => {
    const { run, counter, isPadded } = placeOfId(id);
    const ring = ringOf(run);
    if (ring !== undefined && !isPadded) {
      const value = holds(ring, counter) ? ring.values[placeOf(ring, counter)] : undefined;
      if (value !== undefined || counter > ring.besideHigh) return value;
    }
    return beside.size === 0 ? undefined : beside.get(id);
  };

  /** To ask an empty Map takes as long as to hash the id. */
  const removeBeside = (id: TransactionId): boolean => beside.size > 0 && beside.delete(id);

  const table: TransactionTable<Value> = {
    get size() {
      return inRings + beside.size;
    },
    get,
    has: (id) => get(id) !== undefined,
    set(id, value) {
      const { run, counter, isPadded } = placeOfId(id);
      const ring = isPadded ? undefined : (ringOf(run) ?? addRing(run));
      const isBeside = ring === undefined || (counter <= ring.besideHigh && beside.has(id));
      if (isBeside || !(holds(ring, counter) || makeRoom(ring, counter))) {
        beside.set(id, value);
        if (ring !== undefined) noteBeside(ring, counter);
        return;
      }
      const at = placeOf(ring, counter);
      if (ring.values[at] === undefined) {
        ring.count += 1;
        inRings += 1;
      }
      ring.values[at] = value;
    },
    delete(id) {
      const { run, counter, isPadded } = placeOfId(id);
      const ring = ringOf(run);
      if (ring === undefined || !holds(ring, counter) || isPadded) return removeBeside(id);
      if (ring.values[placeOf(ring, counter)] === undefined) return removeBeside(id);
      remove(ring, counter);
      inRings -= 1;
      return true;
    },
    first() {
      if (beside.size > 0) return beside.keys().next().value;
      for (const ring of rings) if (ring.count > 0) return idAt(ring, ring.low);
      return undefined;
    },
    *keys() {
      for (const [id] of walk()) yield id;
    },
    *values() {
      yield* beside.values();
      for (const ring of rings) for (const [, value] of walkRing(ring)) yield value;
    },
    [Symbol.iterator]: walk,
  };
  for (const [id, value] of entries) table.set(id, value);
  return table;
}

function makeRing<Value>(run: RunOfId): Ring<Value> {
  return { run, values: makePlaces(PLACES_FIRST), low: 0, high: -1, count: 0, besideHigh: -1 };
}

function makePlaces<Value>(length: number): (Value | undefined)[] {
  return new Array<Value | undefined>(length).fill(undefined);
}

function placeOf({ values }: Ring<unknown>, counter: number): number {
  return counter & (values.length - 1);
}

/** The id that has a counter's place: a padded one stands beside the ring. */
function idAt({ run }: Ring<unknown>, counter: number): TransactionId {
  return idInRun(run, counter);
}

function* walkRing<Value>(ring: Ring<Value>): Generator<[number, Value], void> {
  for (let counter = ring.low; counter <= ring.high; counter += 1) {
    const value = ring.values[placeOf(ring, counter)];
    if (value !== undefined) yield [counter, value];
  }
}

function noteBeside(ring: Ring<unknown>, counter: number): void {
  ring.besideHigh = Math.max(ring.besideHigh, counter);
}

/** Whether it has a place for a counter, empty or not. */
function holds({ low, high }: Ring<unknown>, counter: number): boolean {
  return counter >= low && counter <= high;
}

/** Takes out a counter that has a value. */
function remove<Value>(ring: Ring<Value>, counter: number): void {
  ring.values[placeOf(ring, counter)] = undefined;
  ring.count -= 1;
  if (ring.count === 0) ring.low = ring.high + 1;
  else while (ring.values[placeOf(ring, ring.low)] === undefined) ring.low += 1;
  const { length } = ring.values;
  if (length > PLACES_KEPT && ring.high - ring.low < length / 8) resize(ring, length / 4);
}

/** Gives it so many places, enough for what it holds. */
function resize<Value>(ring: Ring<Value>, places: number): void {
  const { values, low, high } = ring;
  ring.values = makePlaces(places);
  for (let counter = low; counter <= high; counter += 1)
    ring.values[placeOf(ring, counter)] = values[counter & (values.length - 1)];
}
