import { addDue, type Due, takeDue } from "../../runtime/due-heap.ts";

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

interface Entry extends Due {
  act: (() => void) | null;
}

export function createAgenda(): Agenda {
  const heap: Entry[] = [];
  let nowMs = 0;
  let planned = 0;

  const dropCancelled = () => {
    while (heap[0]?.act === null) takeDue(heap);
  };

  return {
    nowMs: () => nowMs,
    after(delayMs, act) {
      planned += 1;
      const entry: Entry = { dueMs: nowMs + Math.max(0, delayMs), number: planned, act };
      addDue(heap, entry);
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
      const next = takeDue(heap);
      if (next === undefined) return;
      nowMs = next.dueMs;
      next.act?.();
    },
    passTo(ms) {
      nowMs = Math.max(nowMs, ms);
    },
  };
}
