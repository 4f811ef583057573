/** Virtual time and what is to happen in it. */
export interface Agenda {
  /** Milliseconds since the world began. */
  nowMs(): number;
  /** Runs `act` after `delayMs`; what is due at one moment runs in the order in which it was planned. Returns the cancel function. */
  after(delayMs: number, act: () => void): () => void;
  /** When the next thing happens; null when nothing does. */
  nextMs(): number | null;
  /** Goes on to the next thing and does it. */
  step(): void;
  /** Lets time pass in which nothing happens. */
  passTo(ms: number): void;
}

interface Entry {
  readonly dueMs: number;
  readonly number: number;
  act: (() => void) | null;
}

export function createAgenda(): Agenda {
  /** A binary heap: each entry is due no later than the two below it. */
  const heap: Entry[] = [];
  let nowMs = 0;
  let planned = 0;

  const isBefore = (one: Entry, other: Entry) =>
    one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.number < other.number);

  const add = (entry: Entry) => {
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  };

  const take = (): Entry | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
    return first;
  };

  const dropCancelled = () => {
    while (heap[0]?.act === null) take();
  };

  return {
    nowMs: () => nowMs,
    after(delayMs, act) {
      planned += 1;
      const entry: Entry = { dueMs: nowMs + Math.max(0, delayMs), number: planned, act };
      add(entry);
      return () => {
        entry.act = null;
      };
    },
    nextMs() {
      dropCancelled();
      return heap[0]?.dueMs ?? null;
    },
    step() {
      dropCancelled();
      const next = take();
      if (next === undefined) return;
      nowMs = next.dueMs;
      next.act?.();
    },
    passTo(ms) {
      nowMs = Math.max(nowMs, ms);
    },
  };
}
