import { addDue, type Due, isDueBefore, takeDue } from "../runtime/due-heap.ts";

/** Any number of timers on one of the machine's: most of those that a node starts are cancelled long before they are due. */
export interface Alarms {
  /** Calls `fire` once, no earlier than `delayMs` from now, in the order in which they are due. Returns the cancel function. */
  set(delayMs: number, fire: () => void): () => void;
}

interface Alarm extends Due {
  /** Null when it was cancelled or has fired; its place is cleared away later. */
  fire: (() => void) | null;
}

/** Node's timers fire at once when asked to wait longer than this. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Places of cancelled alarms are cleared away when there are more of them than of others, and at least so many. */
const CANCELLED_MIN = 1_000;

export function createAlarms(): Alarms {
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
        takeDue(heap);
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
      addDue(heap, alarm);
      if (alarm.dueMs < wakeMs) sleep();
      return () => cancel(alarm);
    },
  };
}

/** Those that are still to fire; what is in order is a heap. */
function inOrder(heap: readonly Alarm[]): Alarm[] {
  return heap.filter(({ fire }) => fire !== null).sort((one, other) => (isDueBefore(one, other) ? -1 : 1));
}
