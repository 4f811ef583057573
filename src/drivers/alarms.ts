/** Any number of timers on one of the machine's: most of those that a node starts are cancelled long before they are due. */
export interface Alarms {
  /** Calls `fire` once, no earlier than `delayMs` from now, in the order in which they are due. Returns the cancel function. */
  set(delayMs: number, fire: () => void): () => void;
}

interface Alarm {
  readonly dueMs: number;
  /** Those that are due at once go in the order in which they were set. */
  readonly number: number;
  /** Null when it was cancelled or has fired; its place is cleared away later. */
  fire: (() => void) | null;
}

/** Node's timers fire at once when asked to wait longer than this. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Places of cancelled alarms are cleared away when there are more of them than of others, and at least so many. */
const CANCELLED_MIN = 1_000;

export function createAlarms(): Alarms {
  /** A binary heap: each is due no later than the two at twice its place. */
  let heap: Alarm[] = [];
  let waiting = 0;
  let number = 0;
  let timer: NodeJS.Timeout | undefined;
  let wakeMs = Number.POSITIVE_INFINITY;

  const sleep = () => {
    clearTimeout(timer);
    wakeMs = Number.POSITIVE_INFINITY;
    const [first] = heap;
    if (waiting === 0 || first === undefined) return;
    wakeMs = first.dueMs;
    // A timer may fire up to a millisecond early by the monotonic clock, and a long wait takes several timers.
    const leftMs = Math.ceil(wakeMs - performance.now());
    timer = setTimeout(wake, Math.max(0, Math.min(leftMs, TIMER_MS_MAX)));
  };

  const wake = () => {
    const nowMs = performance.now();
    try {
      for (let first = heap[0]; first && (first.fire === null || first.dueMs <= nowMs); first = heap[0]) {
        takeFirst(heap);
        const { fire } = first;
        if (fire === null) continue;
        first.fire = null;
        waiting -= 1;
        fire();
      }
    } finally {
      sleep();
    }
  };

  const cancel = (alarm: Alarm) => {
    if (alarm.fire === null) return;
    alarm.fire = null;
    waiting -= 1;
    if (waiting === 0) heap = [];
    else if (heap.length > CANCELLED_MIN && heap.length > 2 * waiting) heap = inOrder(heap);
    // What was cancelled keeps no process alive.
    if (waiting === 0) sleep();
  };

  return {
    set(delayMs, fire) {
      number += 1;
      const alarm: Alarm = { dueMs: performance.now() + delayMs, number, fire };
      waiting += 1;
      add(heap, alarm);
      if (alarm.dueMs < wakeMs) sleep();
      return () => cancel(alarm);
    },
  };
}

/** Those that are still to fire; what is in order is a heap. */
function inOrder(heap: readonly Alarm[]): Alarm[] {
  return heap
    .filter(({ fire }) => fire !== null)
    .sort((one, other) => one.dueMs - other.dueMs || one.number - other.number);
}

function isBefore(one: Alarm, other: Alarm): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.number < other.number);
}

function add(heap: Alarm[], alarm: Alarm): void {
  let at = heap.length;
  heap.push(alarm);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(alarm, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = alarm;
}

function takeFirst(heap: Alarm[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
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
}
