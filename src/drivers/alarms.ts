import { addDue, type Due, isDueBefore, takeDue } from "../runtime/due-heap.ts";

/** Something that rings once. */
export interface Alarm<What> extends Due {
  readonly what: What;
  /** Null when it was cancelled or has rung; its place is cleared away later. */
  ring: ((what: What) => void) | null;
}

/** Any number of timers on one of the machine's: most of those that a node starts are cancelled long before they are due. */
export interface Alarms<What> {
  /** Calls `ring` with `what`, once, no earlier than `delayMs` from now, in the order in which they are due. */
  set(delayMs: number, ring: (what: What) => void, what: What): Alarm<What>;
  cancel(alarm: Alarm<What>): void;
}

/** Node's timers fire at once when asked to wait longer than this. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Places of cancelled alarms are cleared away when there are more of them than of others, and at least so many. */
const CANCELLED_MIN = 128;

export function createAlarms<What>(): Alarms<What> {
  let heap: Alarm<What>[] = [];
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
      for (let first = heap[0]; first && (first.ring === null || first.dueMs <= nowMs); first = heap[0]) {
        takeDue(heap);
        const { ring } = first;
        if (ring === null) continue;
        first.ring = null;
        waiting -= 1;
        ring(first.what);
      }
    } finally {
      sleep();
    }
  };

  return {
    set(delayMs, ring, what) {
      number += 1;
      const alarm = { dueMs: performance.now() + delayMs, number, ring, what };
      waiting += 1;
      addDue(heap, alarm);
      if (alarm.dueMs < wakeMs) sleep();
      return alarm;
    },
    cancel(alarm) {
      if (alarm.ring === null) return;
      alarm.ring = null;
      waiting -= 1;
      if (waiting === 0) heap = [];
      else if (heap.length > CANCELLED_MIN && heap.length > 2 * waiting) heap = inOrder(heap);
      // What was cancelled keeps no process alive.
      if (waiting === 0) sleep();
    },
  };
}

/** Those that are still to ring; what is in order is a heap. */
function inOrder<What>(heap: readonly Alarm<What>[]): Alarm<What>[] {
  return heap.filter(({ ring }) => ring !== null).sort((one, other) => (isDueBefore(one, other) ? -1 : 1));
}
