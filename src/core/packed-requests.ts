import type { RequestId } from "../schema/ids.ts";
import { invariant } from "./errors.ts";
import { hashOfText } from "./hash.ts";
import type { HeldRequest } from "./node-state.ts";
import {
  addPlace,
  findPlace,
  makeIndex,
  makeIndexFor,
  type PackedIndex,
  removePlace,
} from "./packed-index.ts";
import {
  addEntry,
  ENTRY_ALIGNMENT,
  entryBytes,
  hashAt,
  hasRoom,
  heldAt,
  isOfRequest,
  makePage,
  offsetsIn,
  PAGE_BYTES_MAX,
  type Page,
  readPage,
  refusalOf,
  requestIdAt,
} from "./packed-page.ts";
import { makePageMemory, type PageMemory, returnPageMemory, takePageMemory } from "./page-memory.ts";

/**
 * Requests that are over and guarded for their window: millions of them, in few objects, so that neither the garbage collector
 * nor a checkpoint walks over them. Pages hold them, and an index finds them.
 */
export interface PackedRequests {
  /** By place, which is the number's lower half. */
  readonly pages: Map<number, Page>;
  /** The pages that are added to, by slice of time: what is issued at another time expires at another time. */
  readonly open: Map<number, Page>;
  /** Null while a log is read: then nothing is looked up, and in the end it is made in one go. */
  index: PackedIndex | null;
  lastNumber: number;
  readonly memory: PageMemory;
}

/** A page as a checkpoint stores it. The bytes do not change any more. */
export interface StoredPage {
  readonly number: number;
  readonly bytes: Uint8Array;
}

const PLACES = 1 << 16;

export function makePackedRequests(): PackedRequests {
  return { pages: new Map(), open: new Map(), index: makeIndex(), lastNumber: 0, memory: makePageMemory() };
}

/** Stores what is known of a request; false where it cannot be stored so. `sliceMs` is the length of a slice of time. */
export function pack(
  packed: PackedRequests,
  requestId: RequestId,
  held: HeldRequest,
  sliceMs: number,
): boolean {
  if (held.isByHand === true) return false;
  const refusal = refusalOf(held);
  const bytes = entryBytes(requestId, held, refusal);
  if (bytes === 0) return false;
  const slice = Math.floor(held.issuedAtMs / sliceMs);
  const open = packed.open.get(slice);
  const page = open !== undefined && hasRoom(open, bytes) ? open : nextPage(packed, open !== undefined);
  const offset = addEntry(page, requestId, held, refusal, bytes);
  if (offset === null) {
    if (page !== open && page.isLent) returnPageMemory(packed.memory, page.bytes);
    return false;
  }
  if (page !== open) {
    packed.pages.set(placeOf(page), page);
    packed.open.set(slice, page);
  }
  if (packed.index !== null) addPlace(packed.index, hashAt(page, offset), slotOf(page, offset));
  return true;
}

/** Nothing is looked up or dropped until `indexPacked`. */
export function leaveUnindexed(packed: PackedRequests): void {
  packed.index = null;
}

/** Makes the index of all that is there: each part at once as large as what is in it wants. */
export function indexPacked(packed: PackedRequests): void {
  const pages = [...packed.pages.values()];
  const hashes = new Uint32Array(pages.reduce((sum, { count }) => sum + count, 0));
  let at = 0;
  for (const page of pages) {
    for (const offset of offsetsIn(page)) {
      hashes[at] = hashAt(page, offset);
      at += 1;
    }
  }
  const index = makeIndexFor(hashes);
  packed.index = index;
  at = 0;
  for (const page of pages) {
    for (const offset of offsetsIn(page)) {
      addPlace(index, hashes[at] ?? 0, slotOf(page, offset));
      at += 1;
    }
  }
}

export function findPacked(packed: PackedRequests, requestId: RequestId): HeldRequest | undefined {
  const isIt = (slot: number) => isOfRequest(pageOf(packed, slot), offsetOf(slot), requestId);
  const slot = findPlace(indexOf(packed), hashOfText(requestId), isIt);
  return slot === undefined ? undefined : heldAt(pageOf(packed, slot), offsetOf(slot));
}

/** All of them; a checkpoint's page for page, and within each in the order in which they came. */
export function* packedRequests(packed: PackedRequests): Generator<readonly [RequestId, HeldRequest], void> {
  for (const page of packed.pages.values()) {
    for (const offset of offsetsIn(page)) yield [requestIdAt(page, offset), heldAt(page, offset)];
  }
}

/** When the newest of them was issued, 0 without any. */
export function newestPackedMs({ pages }: PackedRequests): number {
  let newestMs = 0;
  for (const page of pages.values()) newestMs = Math.max(newestMs, page.newestMs);
  return newestMs;
}

/**
 * Drops one page of which all was issued before `beforeMs`: taking it out of the index shall be over in a moment. Returns when the
 * newest that was dropped was issued, 0 where no page is that old.
 */
export function dropPacked(packed: PackedRequests, beforeMs: number): number {
  for (const [place, page] of packed.pages) {
    if (page.newestMs >= beforeMs) continue;
    for (const offset of offsetsIn(page))
      removePlace(indexOf(packed), hashAt(page, offset), slotOf(page, offset));
    packed.pages.delete(place);
    for (const [slice, open] of packed.open) if (open === page) packed.open.delete(slice);
    if (page.isLent) packed.memory.dropped.push(page.bytes);
    return page.newestMs;
  }
  return 0;
}

export function storedPages({ pages }: PackedRequests): StoredPage[] {
  return [...pages.values()].map(({ number, bytes, used }) => ({ number, bytes: bytes.subarray(0, used) }));
}

/** Takes over the pages of a checkpoint. Those that are far from full are packed anew, so that restarts leave no crumbs. */
export function restorePages(packed: PackedRequests, stored: readonly StoredPage[], sliceMs: number): void {
  for (const { number } of stored) packed.lastNumber = Math.max(packed.lastNumber, number);
  for (const { number, bytes } of stored) {
    const page = readPage(number, bytes);
    if (page.used * 2 > PAGE_BYTES_MAX) {
      packed.pages.set(placeOf(page), page);
      if (packed.index === null) continue;
      for (const offset of offsetsIn(page))
        addPlace(packed.index, hashAt(page, offset), slotOf(page, offset));
    } else {
      for (const offset of offsetsIn(page))
        pack(packed, requestIdAt(page, offset), heldAt(page, offset), sliceMs);
    }
  }
}

/** Where a page of the same time is full the next one will be as well: it has room for all of it at once. */
function nextPage(packed: PackedRequests, followsFull: boolean): Page {
  do packed.lastNumber += 1;
  while (packed.pages.has(packed.lastNumber % PLACES));
  return makePage(packed.lastNumber, followsFull ? takePageMemory(packed.memory) : null);
}

function placeOf({ number }: Page): number {
  return number % PLACES;
}

function slotOf(page: Page, offset: number): number {
  return placeOf(page) * PLACES + offset / ENTRY_ALIGNMENT;
}

function pageOf({ pages }: PackedRequests, slot: number): Page {
  const page = pages.get(Math.floor(slot / PLACES));
  invariant(page !== undefined, "the index names a page that is gone");
  return page;
}

function offsetOf(slot: number): number {
  return (slot % PLACES) * ENTRY_ALIGNMENT;
}

function indexOf({ index }: PackedRequests): PackedIndex {
  invariant(index !== null, "requests are looked up before they were indexed");
  return index;
}
