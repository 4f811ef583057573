import { isInSample } from "../core/sample.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { Begun, History } from "./history.ts";

/** A transaction that is not finished after this time is told to every watcher. */
const LATE_MS = 1_000;
/** So many that have become late are told at once; the others follow. */
const LATE_AT_ONCE_MAX = 100;
/** What belongs to the end of a transaction still comes this long after it. */
const AFTERMATH_MS = 1_000;
/** Of transactions that abort, this many times the share of the others is told. */
const ABORTED_MORE = 16;

/** Which transactions a watcher that is told a share of them is told: its sample, and what is out of the ordinary. */
export interface Attention {
  isTold(transactionId: TransactionId | null, oneIn: number): boolean;
  /** It has aborted: of those more are told. */
  noteAborted(transactionId: TransactionId, oneIn: number): void;
  /** Everything about it is told from now on. */
  add(transactionId: TransactionId): void;
  /** A watcher's share has become smaller: it hears the end of what it has heard the beginning of. */
  narrow(fromOneIn: number, toOneIn: number): void;
  /** Takes in what of the unfinished has become late, and lets go what is over. Returns the late ones. */
  review(nowMs: number, oneIn: number, unfinished: readonly Begun[]): readonly TransactionId[];
  clear(): void;
}

export function createAttention(history: () => Pick<History, "unfinished" | "isOverSince">): Attention {
  const extra = new Set<TransactionId>();
  /** A step asks several times about the same transaction: the last answer is kept until `extra` changes. */
  let lastId: TransactionId | null = null;
  let lastOneIn = 1;
  let wasTold = false;

  const isTold = (transactionId: TransactionId | null, oneIn: number) => {
    if (transactionId === null || oneIn === 1) return true;
    if (transactionId !== lastId || oneIn !== lastOneIn) {
      wasTold = isInSample(transactionId, oneIn) || (extra.size > 0 && extra.has(transactionId));
      lastId = transactionId;
      lastOneIn = oneIn;
    }
    return wasTold;
  };
  const add = (transactionId: TransactionId) => {
    extra.add(transactionId);
    lastId = null;
  };
  return {
    isTold,
    noteAborted(transactionId, oneIn) {
      const isNew = !isInSample(transactionId, oneIn);
      if (isNew && isInSample(transactionId, Math.max(1, oneIn / ABORTED_MORE))) add(transactionId);
    },
    add,
    narrow(fromOneIn, toOneIn) {
      for (const { transactionId } of history().unfinished()) {
        if (isInSample(transactionId, fromOneIn) && !isInSample(transactionId, toOneIn)) {
          add(transactionId);
        }
      }
    },
    review(nowMs, oneIn, unfinished) {
      lastId = null;
      for (const id of extra) if (history().isOverSince(id, nowMs - AFTERMATH_MS)) extra.delete(id);
      const late: TransactionId[] = [];
      if (oneIn === 1) return late;
      for (const { transactionId, startedAtMs } of unfinished) {
        if (startedAtMs > nowMs - LATE_MS || isTold(transactionId, oneIn)) continue;
        add(transactionId);
        late.push(transactionId);
        if (late.length === LATE_AT_ONCE_MAX) break;
      }
      return late;
    },
    clear() {
      extra.clear();
      lastId = null;
    },
  };
}
