import type { EventBody } from "../schema/events.ts";
import type { TransactionId } from "../schema/ids.ts";
import { HASH_START, hashEnd, hashOn } from "./hash.ts";

/** The share that is asked for, as all shares are: one in a power of two, the next one. */
export function shareOf(oneIn: number): number {
  return 2 ** Math.ceil(Math.log2(oneIn));
}

/** Events that only carry how something stands now; all others are worth a line to a reader, and are counted. */
const VIEWS: ReadonlySet<EventBody["type"]> = new Set([
  "transaction-changed",
  "rows-changed",
  "peer-changed",
  "injected-changed",
]);

export function isCounted({ type }: EventBody): boolean {
  return !VIEWS.has(type);
}

/**
 * Whether a transaction belongs to the sample of one in `oneIn`. It hangs on the id alone, so that every node tells the same
 * ones, and a sample holds every smaller one.
 */
export function isInSample(transactionId: TransactionId, oneIn: number): boolean {
  return oneIn === 1 || (hashOfCounter(transactionId) & (oneIn - 1)) === 0;
}

const DOT = ".".charCodeAt(0);

/** Only what stands behind the last dot: the rest is the same in thousands of ids, and would cost each of them as much again. */
function hashOfCounter(transactionId: TransactionId): number {
  let hash = HASH_START;
  for (let at = transactionId.length - 1; at >= 0; at -= 1) {
    const code = transactionId.charCodeAt(at);
    if (code === DOT) break;
    hash = hashOn(hash, code);
  }
  return hashEnd(hash);
}
