import { addDue, type Due, takeDue } from "../runtime/due-heap.ts";

/** Something that rings once. */
export interface Alarm<What> extends Due {
  readonly what: What;
  /** Null when it was cancelled or has rung. */
  ring: ((what: What) => void) | null;
  readonly queue: Queue<What>;
  /** Its neighbours in the queue. */
  before: Alarm<What> | null;
  after: Alarm<What> | null;
}

/** Any number of timers on one of the machine's: most of those that a node starts are cancelled long before they are due. */
export interface Alarms<What> {
  /**
   * Calls `ring` with `what`, once, no earlier than `delayMs` from `fromMs` (now), in the order in which they are due. `fromMs` is no
   * earlier than in the calls before: those of one length are due in the order in which they were set.
   */
  set(delayMs: number, ring: (what: What) => void, what: What, fromMs?: number): Alarm<What>;
  cancel(alarm: Alarm<What>): void;
}

/** The alarms of one length: they are due in the order in which they are set, so that nothing is to be sorted. */
interface Queue<What> {
  readonly delayMs: number;
  /** What its place among the other queues is by: its first of now, or one that stood before it and was cancelled. */
  dueMs: number;
  number: number;
  first: Alarm<What> | null;
  last: Alarm<What> | null;
}

/** Node's timers fire at once when asked to wait longer than this. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export function createAlarms<What>(): Alarms<What> {
  const queues = new Map<number, Queue<What>>();
  /** All queues; there are as few as there are lengths. */
  let heap: Queue<What>[] = [];
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
      for (let queue = heap[0]; queue && queue.dueMs <= nowMs; queue = heap[0]) {
        takeDue(heap);
        const { first } = queue;
        if (first?.number !== queue.number) {
          putBack(queue);
          continue;
        }
        const { ring, what } = first;
        leave(first);
        putBack(queue);
        ring?.(what);
      }
    } finally {
      sleep();
    }
  };

  /** To the place that its first has now. */
  const putBack = (queue: Queue<What>) => {
    const { first, delayMs } = queue;
    if (first === null) {
      queues.delete(delayMs);
      return;
    }
    queue.dueMs = first.dueMs;
    queue.number = first.number;
    addDue(heap, queue);
  };

  const queueOf = (delayMs: number, dueMs: number): Queue<What> => {
    const known = queues.get(delayMs);
    if (known !== undefined) return known;
    const queue = { delayMs, dueMs, number, first: null, last: null };
    queues.set(delayMs, queue);
    addDue(heap, queue);
    return queue;
  };

  const leave = (alarm: Alarm<What>) => {
    waiting -= 1;
    alarm.ring = null;
    unlink(alarm);
  };

  return {
    set(delayMs, ring, what, fromMs = performance.now()) {
      number += 1;
      waiting += 1;
      const dueMs = fromMs + delayMs;
      const queue = queueOf(delayMs, dueMs);
      const alarm: Alarm<What> = { dueMs, number, ring, what, queue, before: queue.last, after: null };
      if (queue.last === null) queue.first = alarm;
      else queue.last.after = alarm;
      queue.last = alarm;
      if (dueMs < wakeMs) sleep();
      return alarm;
    },
    cancel(alarm) {
      if (alarm.ring === null) return;
      leave(alarm);
      if (waiting > 0) return;
      // What was cancelled keeps no process alive.
      queues.clear();
      heap = [];
      sleep();
    },
  };
}

function unlink<What>(alarm: Alarm<What>): void {
  const { queue, before, after } = alarm;
  if (before === null) queue.first = after;
  else before.after = after;
  if (after === null) queue.last = before;
  else after.before = before;
  // One that has grown old would keep alive whatever came after it.
  alarm.before = null;
  alarm.after = null;
}
