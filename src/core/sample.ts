import type { TransactionId } from "../schema/ids.ts";

/** A watcher is told one transaction in so many at most; a power of two, as all shares are. */
export const ONE_IN_MAX = 65_536;

/** A step asks several times about the same transaction: the hash of the last one is kept. */
let lastId: TransactionId | null = null;
let lastHash = 0;

/**
 * Whether a transaction belongs to the sample of one in `oneIn`. It hangs on the id alone, so that every node tells the same
 * ones, and a sample holds every smaller one.
 */
export function isInSample(transactionId: TransactionId, oneIn: number): boolean {
  if (oneIn === 1) return true;
  if (transactionId !== lastId) {
    lastHash = hashOf(transactionId);
    lastId = transactionId;
  }
  return (lastHash & (oneIn - 1)) === 0;
}

/** FNV-1a over the characters, and then murmur3's last mix: ids that count up by one fall evenly into every share. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
