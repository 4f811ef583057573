import type { RequestId } from "../schema/ids.ts";
import { invariant } from "./errors.ts";
import { hashOfText } from "./hash.ts";
import type { HeldRequest } from "./node-state.ts";
import {
  addEntry,
  ENTRY_ALIGNMENT,
  entryOf,
  hashAt,
  hasRoom,
  heldAt,
  isOfRequest,
  makePage,
  offsetsIn,
  PAGE_BYTES_MAX,
  type Page,
  type PageEntry,
  readPage,
  requestIdAt,
} from "./packed-page.ts";

/**
 * Requests that are over and guarded for their window: millions of them, in few objects, so that neither the garbage collector
 * nor a checkpoint walks over them. Pages hold them; an index of open addressing, cut into parts that grow one at a time, finds them.
 */
export interface PackedRequests {
  /** By place, which is the number's lower half. */
  readonly pages: Map<number, Page>;
  /** The pages that are added to, by slice of time: what is issued at another time expires at another time. */
  readonly open: Map<number, Page>;
  /** Null while a log is read: then nothing is looked up, and in the end it is made in one go. */
  index: Map<number, IndexPart> | null;
  lastNumber: number;
}

interface IndexPart {
  /** Where an entry stands: its page's place and its offset, or `FREE`, or `GONE`. */
  slots: Uint32Array;
  /** Slots that are not free, those that are gone among them. */
  taken: number;
  live: number;
}

/** A page as a checkpoint stores it. The bytes do not change any more. */
export interface StoredPage {
  readonly number: number;
  readonly bytes: Uint8Array;
}

const FREE = 0;
/** No entry stands at the very beginning of a page. */
const GONE = 1 << 16;
const PLACES = 1 << 16;
const PARTS = 4_096;
const SLOTS_FIRST = 8;
/** Pages that one call of `dropPacked` takes out of the index: it shall be over in a moment. */
const DROPPED_AT_ONCE = 4;

export function makePackedRequests(): PackedRequests {
  return { pages: new Map(), open: new Map(), index: new Map(), lastNumber: 0 };
}

/** Stores what is known of a request; false where it cannot be stored so. `sliceMs` is the length of a slice of time. */
export function pack(
  packed: PackedRequests,
  requestId: RequestId,
  held: HeldRequest,
  sliceMs: number,
): boolean {
  const entry = entryOf(requestId, held);
  if (entry === null) return false;
  const page = pageFor(packed, entry, Math.floor(held.issuedAtMs / sliceMs));
  addToIndex(packed, page, addEntry(page, entry));
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
  const lives = new Map<number, number>();
  for (const hash of hashes) lives.set(partOf(hash), (lives.get(partOf(hash)) ?? 0) + 1);
  const index = new Map<number, IndexPart>();
  for (const [part, live] of lives) index.set(part, makePart(live));
  packed.index = index;
  at = 0;
  for (const page of pages) {
    for (const offset of offsetsIn(page)) {
      const hash = hashes[at] ?? 0;
      insert(partIn(index, hash), hash, slotOf(page, offset));
      at += 1;
    }
  }
}

export function findPacked(packed: PackedRequests, requestId: RequestId): HeldRequest | undefined {
  const hash = hashOfText(requestId);
  const part = indexOf(packed).get(partOf(hash));
  if (part === undefined) return undefined;
  const { slots } = part;
  const mask = slots.length - 1;
  for (let at = startOf(hash, mask); ; at = (at + 1) & mask) {
    const slot = slots[at] ?? FREE;
    if (slot === FREE) return undefined;
    const page = slot === GONE ? undefined : pageOf(packed, slot);
    if (page !== undefined && isOfRequest(page, offsetOf(slot), requestId))
      return heldAt(page, offsetOf(slot));
  }
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

/** Drops pages of which all was issued before `beforeMs`, some at a time. Returns when the newest that was dropped was issued. */
export function dropPacked(packed: PackedRequests, beforeMs: number): number {
  let droppedMs = 0;
  let left = DROPPED_AT_ONCE;
  for (const [place, page] of packed.pages) {
    if (left === 0) break;
    if (page.newestMs >= beforeMs) continue;
    for (const offset of offsetsIn(page)) removeFromIndex(packed, page, offset);
    packed.pages.delete(place);
    for (const [slice, open] of packed.open) if (open === page) packed.open.delete(slice);
    droppedMs = Math.max(droppedMs, page.newestMs);
    left -= 1;
  }
  return droppedMs;
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
      for (const offset of offsetsIn(page)) addToIndex(packed, page, offset);
    } else {
      for (const offset of offsetsIn(page))
        pack(packed, requestIdAt(page, offset), heldAt(page, offset), sliceMs);
    }
  }
}

function pageFor(packed: PackedRequests, entry: PageEntry, slice: number): Page {
  const open = packed.open.get(slice);
  if (open !== undefined && hasRoom(open, entry)) return open;
  do packed.lastNumber += 1;
  while (packed.pages.has(packed.lastNumber % PLACES));
  const page = makePage(packed.lastNumber);
  packed.pages.set(placeOf(page), page);
  packed.open.set(slice, page);
  return page;
}

function placeOf({ number }: Page): number {
  return number % PLACES;
}

function slotOf(page: Page, offset: number): number {
  return placeOf(page) * PLACES + offset / ENTRY_ALIGNMENT;
}

function pageOf({ pages }: PackedRequests, slot: number): Page | undefined {
  return pages.get(Math.floor(slot / PLACES));
}

function offsetOf(slot: number): number {
  return (slot % PLACES) * ENTRY_ALIGNMENT;
}

function indexOf({ index }: PackedRequests): Map<number, IndexPart> {
  invariant(index !== null, "requests are looked up before they were indexed");
  return index;
}

function addToIndex(packed: PackedRequests, page: Page, offset: number): void {
  if (packed.index === null) return;
  const hash = hashAt(page, offset);
  const part = partIn(packed.index, hash);
  if ((part.taken + 1) * 4 > part.slots.length * 3) rebuild(packed, part);
  insert(part, hash, slotOf(page, offset));
}

/** The part that finds what has this hash, made where there is none. */
function partIn(index: Map<number, IndexPart>, hash: number): IndexPart {
  let part = index.get(partOf(hash));
  if (part === undefined) {
    part = makePart(0);
    index.set(partOf(hash), part);
  }
  return part;
}

function makePart(live: number): IndexPart {
  return { slots: new Uint32Array(slotsFor(live)), taken: 0, live: 0 };
}

/** How many slots a part wants that so many are in, and some more to come. */
function slotsFor(live: number): number {
  let slots = SLOTS_FIRST;
  while (slots < (live + 1) * 2) slots *= 2;
  return slots;
}

function insert(part: IndexPart, hash: number, slot: number): void {
  const { slots } = part;
  const mask = slots.length - 1;
  let at = startOf(hash, mask);
  while (slots[at] !== FREE) at = (at + 1) & mask;
  slots[at] = slot;
  part.taken += 1;
  part.live += 1;
}

/** Makes the part as large as what is in it wants: it was full, perhaps of what is gone. */
function rebuild(packed: PackedRequests, part: IndexPart): void {
  const before = part.slots;
  part.slots = new Uint32Array(slotsFor(part.live));
  part.taken = 0;
  part.live = 0;
  for (const slot of before) {
    const page = slot === FREE || slot === GONE ? undefined : pageOf(packed, slot);
    if (page !== undefined) insert(part, hashAt(page, offsetOf(slot)), slot);
  }
}

function removeFromIndex(packed: PackedRequests, page: Page, offset: number): void {
  const hash = hashAt(page, offset);
  const index = indexOf(packed);
  const part = index.get(partOf(hash));
  if (part === undefined) return;
  const wanted = slotOf(page, offset);
  const mask = part.slots.length - 1;
  let at = startOf(hash, mask);
  while (part.slots[at] !== wanted && part.slots[at] !== FREE) at = (at + 1) & mask;
  if (part.slots[at] === FREE) return;
  part.slots[at] = GONE;
  part.live -= 1;
  if (part.live === 0) index.delete(partOf(hash));
}

function partOf(hash: number): number {
  return hash % PARTS;
}

function startOf(hash: number, mask: number): number {
  return (hash >>> 12) & mask;
}
