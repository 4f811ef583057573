import type { RequestId, TransactionId } from "../schema/ids.ts";
import type { AbortedRecord } from "../schema/records.ts";
import type { HeldRequest } from "./node-state.ts";
import {
  dropPacked,
  findPacked,
  makePackedRequests,
  newestPackedMs,
  type PackedRequests,
  pack,
  packedRequests,
} from "./packed-requests.ts";

/** Which requests are held here, and by which transaction. */
export interface HeldRequests {
  /** The few that cannot be packed, and those of a checkpoint whose transactions are still in the tables. */
  readonly recent: Map<RequestId, HeldRequest>;
  /** Those that are only guarded, until their window is over. */
  readonly packed: PackedRequests;
}

export function makeHeldRequests(): HeldRequests {
  return { recent: new Map(), packed: makePackedRequests() };
}

export function findHeld({ recent, packed }: HeldRequests, requestId: RequestId): HeldRequest | undefined {
  return recent.get(requestId) ?? findPacked(packed, requestId);
}

/** Every request that is held, each once, in no order that means anything. */
export function* allHeld({
  recent,
  packed,
}: HeldRequests): Generator<readonly [RequestId, HeldRequest], void> {
  yield* recent;
  yield* packedRequests(packed);
}

/** The request of an `aborted` record that says it is refused for good. */
export function heldAsRefused(
  transactionId: TransactionId,
  { requestId, issuedAtMs, digest, reason }: NonNullable<AbortedRecord["refusal"]>,
): readonly [RequestId, HeldRequest] {
  return [requestId, { transactionId, issuedAtMs, digest, isCommitted: false, refusal: reason }];
}

/** What is guarded after a crash as well: the others are free again when their transactions are. */
export function isGuarded({ isCommitted, refusal }: HeldRequest): boolean {
  return isCommitted || refusal !== null;
}

/** How finely the guard's end is told: what was issued within one slice of the window is dropped together. */
const SLICES = 8;

export function sliceOf(requestWindowMs: number): number {
  return Math.max(1, Math.floor(requestWindowMs / SLICES));
}

/** The transaction that holds the request has left the tables; what is guarded from here on never changes again. */
export function keepHeld(
  { recent, packed }: HeldRequests,
  requestId: RequestId,
  held: HeldRequest,
  requestWindowMs: number,
): void {
  if (!pack(packed, requestId, held, sliceOf(requestWindowMs))) recent.set(requestId, held);
}

export function newestHeldMs({ recent, packed }: HeldRequests): number {
  let newestMs = newestPackedMs(packed);
  for (const { issuedAtMs } of recent.values()) newestMs = Math.max(newestMs, issuedAtMs);
  return newestMs;
}

/**
 * Drops requests issued before `beforeMs`, unless `isKept` says that their transaction is still there; of those in pages a page.
 * Returns when the newest that was dropped was issued, 0 where none was.
 */
export function dropHeld(
  { recent, packed }: HeldRequests,
  beforeMs: number,
  isKept: (transactionId: TransactionId) => boolean,
): number {
  let droppedMs = dropPacked(packed, beforeMs);
  for (const [requestId, held] of recent) {
    if (held.issuedAtMs >= beforeMs || isKept(held.transactionId)) continue;
    recent.delete(requestId);
    droppedMs = Math.max(droppedMs, held.issuedAtMs);
  }
  return droppedMs;
}
