import type { RequestId, TransactionId } from "../schema/ids.ts";
import type { Reason } from "../schema/reasons.ts";
import { invariant } from "./errors.ts";
import { HASH_START, hashEnd, hashOn } from "./hash.ts";
import type { HeldRequest } from "./node-state.ts";

/**
 * Finished requests one behind the other, as a checkpoint stores them. What stands in a page never changes: it is added to until it is
 * full, and goes as a whole. Little-endian; a page begins with its format (4 bytes) and zeros (4), then come its entries:
 *
 *     0  length of the entry  4     6  length of digest      1     8   issuedAtMs, a double        8
 *     4  length of requestId  1     7  1 committed, 0 not    1     16  requestId, transactionId, digest,
 *     5  … of transactionId   1                                        refusal as JSON, zeros to a multiple of 8
 *
 * All texts are ASCII; in the refusal's JSON what is not stands escaped.
 */
export interface Page {
  /** Never used twice by a node. */
  readonly number: number;
  bytes: Uint8Array;
  /** Of the same bytes. */
  view: DataView;
  /** Whether the bytes are memory that another page may have when this one is gone. */
  isLent: boolean;
  /** How many of the bytes are written. */
  used: number;
  count: number;
  newestMs: number;
}

/** Every entry, and the first one, stands at a multiple of this. */
export const ENTRY_ALIGNMENT = 8;
/** A page that has no room for the next entry is full; an entry that is larger has a page of its own. */
export const PAGE_BYTES_MAX = 512 * 1024;
const PAGE_BYTES_FIRST = 1024;
const PAGE_FORMAT = 1;
const PAGE_HEADER_BYTES = 8;
const ENTRY_HEADER_BYTES = 16;
const TEXT_BYTES_MAX = 255;
const ASCII_MAX = 0x7f;
const COMMITTED = 1;

/** An empty page in memory that is lent to it, all zeros, or in some of its own that grows with it. */
export function makePage(number: number, lent: Uint8Array | null): Page {
  const bytes = lent ?? new Uint8Array(PAGE_BYTES_FIRST);
  const view = viewOf(bytes);
  view.setUint32(0, PAGE_FORMAT, true);
  return { number, bytes, view, isLent: lent !== null, used: PAGE_HEADER_BYTES, count: 0, newestMs: 0 };
}

/** Why the request is refused as the entry has it; nothing where it is not. */
export function refusalOf({ refusal }: HeldRequest): string {
  return refusal === null ? "" : asciiJson(refusal);
}

/** How many bytes the entry of a request takes; 0 where one of its texts is too long to stand in one. */
export function entryBytes(
  requestId: RequestId,
  { transactionId, digest }: HeldRequest,
  refusal: string,
): number {
  const longest = Math.max(requestId.length, transactionId.length, digest.length);
  if (longest > TEXT_BYTES_MAX) return 0;
  const length = requestId.length + transactionId.length + digest.length + refusal.length;
  return Math.ceil((ENTRY_HEADER_BYTES + length) / ENTRY_ALIGNMENT) * ENTRY_ALIGNMENT;
}

function asciiJson(reason: Reason): string {
  return JSON.stringify(reason).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** True when an entry of so many bytes may be added. */
export function hasRoom(page: Page, bytes: number): boolean {
  return page.count === 0 || page.used + bytes <= PAGE_BYTES_MAX;
}

/** Adds an entry that takes so many bytes and returns the offset at which it stands. Where a text is not ASCII there is none, and null. */
export function addEntry(
  page: Page,
  requestId: RequestId,
  { transactionId, digest, issuedAtMs, isCommitted }: HeldRequest,
  refusal: string,
  bytes: number,
): number | null {
  const offset = page.used;
  makeRoom(page, offset + bytes);
  const idStart = offset + ENTRY_HEADER_BYTES;
  const transactionStart = idStart + requestId.length;
  const digestStart = transactionStart + transactionId.length;
  const codes =
    writeText(page.bytes, idStart, requestId) |
    writeText(page.bytes, transactionStart, transactionId) |
    writeText(page.bytes, digestStart, digest);
  if (codes > ASCII_MAX) {
    page.bytes.fill(0, offset);
    return null;
  }
  writeText(page.bytes, digestStart + digest.length, refusal);
  page.view.setUint32(offset, bytes, true);
  page.bytes[offset + 4] = requestId.length;
  page.bytes[offset + 5] = transactionId.length;
  page.bytes[offset + 6] = digest.length;
  page.bytes[offset + 7] = isCommitted ? COMMITTED : 0;
  page.view.setFloat64(offset + 8, issuedAtMs, true);
  page.used += bytes;
  note(page, issuedAtMs);
  return offset;
}

function note(page: Page, issuedAtMs: number): void {
  page.count += 1;
  page.newestMs = Math.max(page.newestMs, issuedAtMs);
}

/** The bytes that others hold stay as they are: a page that grows moves. */
function makeRoom(page: Page, bytes: number): void {
  if (bytes <= page.bytes.length) return;
  const grown = new Uint8Array(Math.max(bytes, Math.min(PAGE_BYTES_MAX, 2 * page.bytes.length)));
  grown.set(page.bytes.subarray(0, page.used));
  page.bytes = grown;
  page.view = viewOf(grown);
  page.isLent = false;
}

/** Returns all character codes of the text in one, bit by bit. */
function writeText(bytes: Uint8Array, start: number, text: string): number {
  let codes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    bytes[start + at] = code;
    codes |= code;
  }
  return codes;
}

function readText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}

export function requestIdAt({ bytes }: Page, offset: number): RequestId {
  const start = offset + ENTRY_HEADER_BYTES;
  return readText(bytes, start, start + (bytes[offset + 4] ?? 0)) as RequestId;
}

/** True when the entry is of this request, which is compared without making a text of it. */
export function isOfRequest({ bytes }: Page, offset: number, requestId: RequestId): boolean {
  if (bytes[offset + 4] !== requestId.length) return false;
  const start = offset + ENTRY_HEADER_BYTES;
  for (let at = 0; at < requestId.length; at += 1) {
    if (bytes[start + at] !== requestId.charCodeAt(at)) return false;
  }
  return true;
}

/** The hash of the request that stands there, without making a text of it. */
export function hashAt({ bytes }: Page, offset: number): number {
  const start = offset + ENTRY_HEADER_BYTES;
  const end = start + (bytes[offset + 4] ?? 0);
  let hash = HASH_START;
  for (let at = start; at < end; at += 1) hash = hashOn(hash, bytes[at] ?? 0);
  return hashEnd(hash);
}

export function heldAt({ bytes, view }: Page, offset: number): HeldRequest {
  const idEnd = offset + ENTRY_HEADER_BYTES + view.getUint8(offset + 4);
  const transactionEnd = idEnd + view.getUint8(offset + 5);
  const digestEnd = transactionEnd + view.getUint8(offset + 6);
  const end = offset + view.getUint32(offset, true);
  const refusalEnd = endOfText(bytes, digestEnd, end);
  return {
    transactionId: readText(bytes, idEnd, transactionEnd) as TransactionId,
    issuedAtMs: view.getFloat64(offset + 8, true),
    digest: readText(bytes, transactionEnd, digestEnd),
    isCommitted: view.getUint8(offset + 7) === COMMITTED,
    refusal: refusalEnd === digestEnd ? null : (JSON.parse(readText(bytes, digestEnd, refusalEnd)) as Reason),
  };
}

function endOfText(bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && bytes[last - 1] === 0) last -= 1;
  return last;
}

/** Where the entries of a page stand, in order; nothing may be added meanwhile. */
export function* offsetsIn({ view, used }: Page): Generator<number, void> {
  for (let at = PAGE_HEADER_BYTES; at < used; at += view.getUint32(at, true)) yield at;
}

/** A page of which nothing but its bytes is kept. They become the page's own. Throws where they are no page. */
export function readPage(number: number, bytes: Uint8Array): Page {
  const view = viewOf(bytes);
  const format = bytes.length < PAGE_HEADER_BYTES ? null : view.getUint32(0, true);
  invariant(
    format === PAGE_FORMAT,
    `page ${number} has format ${format}, and this version reads ${PAGE_FORMAT}`,
  );
  const page = { ...makePage(number, null), bytes, view, used: bytes.length };
  for (let at = PAGE_HEADER_BYTES; at < bytes.length; ) {
    const length = bytes.length - at < ENTRY_HEADER_BYTES ? 0 : view.getUint32(at, true);
    const isWhole =
      length >= ENTRY_HEADER_BYTES && length % ENTRY_ALIGNMENT === 0 && at + length <= bytes.length;
    invariant(isWhole, `page ${number} has no whole entry at byte ${at}`);
    note(page, view.getFloat64(at + 8, true));
    at += length;
  }
  return page;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
