import type { RequestId, TransactionId } from "../schema/ids.ts";
import { invariant } from "./errors.ts";
import { hashOfText } from "./hash.ts";
import type { SettledRequest } from "./node-state.ts";
import { addPlace, findPlace, makeIndex, removePlace } from "./packed-index.ts";
import { SETTLED_REQUESTS_MAX } from "./settings.ts";

/**
 * The newest settled requests, by id and in the order in which they were settled, for the client that asks again. They are thousands,
 * and hardly anybody asks: they stand in columns, and what most of them have in common stands once, so that the garbage collector has
 * little to copy and to walk over. What is asked for is put together anew.
 */
export interface SettledRequests extends Iterable<[RequestId, SettledRequest]> {
  readonly size: number;
  get(requestId: RequestId): SettledRequest | undefined;
  /** It is the newest from now on. The oldest may leave for it. */
  add(settled: SettledRequest): void;
  /** False when there was no such request. */
  delete(requestId: RequestId): boolean;
  newestFirst(): Generator<SettledRequest, void>;
}

/** What requests have in common that ended in the same way. */
type Ending = Pick<SettledRequest, "attempts" | "isOnlyHere" | "outcome" | "reason" | "votes" | "results">;

/** Some that were settled one after another. They leave together, and others take their places. */
interface Page {
  /** How many places are taken: what stands in the others has left. */
  count: number;
  readonly requestIds: RequestId[];
  /** Of the ids. */
  readonly hashes: number[];
  readonly transactionIds: (TransactionId | null)[];
  readonly digests: string[];
  readonly issuedAtMs: number[];
  /** Null for one that has been taken out. */
  readonly endings: (Ending | null)[];
}

const PAGES = 20;
const PAGE_ENTRIES = SETTLED_REQUESTS_MAX / PAGES;

/** A table of these. */
export function makeSettledRequests(
  entries: Iterable<readonly [RequestId, SettledRequest]> = [],
): SettledRequests {
  const index = makeIndex();
  let page = makePage();
  const pages = [page];
  /** Where the page stands that is added to; the one behind it is the oldest. */
  let newest = 0;
  let last: Ending | null = null;

  const pageOf = (place: number): Page => {
    const found = pages[Math.floor((place - 1) / PAGE_ENTRIES)];
    invariant(found !== undefined, "the index names a page that is not there");
    return found;
  };

  const turnPage = () => {
    newest = (newest + 1) % PAGES;
    const oldest = pages[newest];
    page = oldest ?? makePage();
    if (oldest === undefined) pages.push(page);
    else clear(oldest);
  };

  /** All that stand there leave; it is the page that is added to next. */
  const clear = (oldest: Page) => {
    for (let at = 0; at < oldest.count; at += 1)
      if (oldest.endings[at] !== null) removePlace(index, oldest.hashes[at] ?? 0, placeOf(newest, at));
    oldest.count = 0;
  };

  const find = (requestId: RequestId, hash: number): number | undefined =>
    findPlace(index, hash, (place) => pageOf(place).requestIds[entryOf(place)] === requestId);

  const remove = (requestId: RequestId, hash: number): boolean => {
    const place = find(requestId, hash);
    if (place === undefined) return false;
    removePlace(index, hash, place);
    pageOf(place).endings[entryOf(place)] = null;
    return true;
  };

  function* newestFirst() {
    const inOrder = [...pages.slice(newest + 1), ...pages.slice(0, newest + 1)];
    for (const each of inOrder.reverse()) {
      for (let at = each.count - 1; at >= 0; at -= 1) {
        const settled = settledAt(each, at);
        if (settled !== undefined) yield settled;
      }
    }
  }

  const table: SettledRequests = {
    get size() {
      return index.size;
    },
    get(requestId) {
      const place = find(requestId, hashOfText(requestId));
      return place === undefined ? undefined : settledAt(pageOf(place), entryOf(place));
    },
    add(settled) {
      const hash = hashOfText(settled.requestId);
      remove(settled.requestId, hash);
      if (page.count === PAGE_ENTRIES) turnPage();
      if (last === null || !endsSo(settled, last)) last = endingOf(settled);
      addPlace(index, hash, placeOf(newest, page.count));
      addEntry(page, settled, hash, last);
    },
    delete: (requestId) => remove(requestId, hashOfText(requestId)),
    newestFirst,
    *[Symbol.iterator]() {
      for (const settled of [...newestFirst()].reverse()) yield [settled.requestId, settled];
    },
  };
  for (const [, settled] of entries) table.add(settled);
  return table;
}

function makePage(): Page {
  return {
    count: 0,
    requestIds: [],
    hashes: [],
    transactionIds: [],
    digests: [],
    issuedAtMs: [],
    endings: [],
  };
}

/** An index knows no place 0. */
function placeOf(page: number, entry: number): number {
  return page * PAGE_ENTRIES + entry + 1;
}

function entryOf(place: number): number {
  return (place - 1) % PAGE_ENTRIES;
}

function addEntry(page: Page, settled: SettledRequest, hash: number, ending: Ending): void {
  const at = page.count;
  page.requestIds[at] = settled.requestId;
  page.hashes[at] = hash;
  page.transactionIds[at] = settled.transactionId;
  page.digests[at] = settled.digest;
  page.issuedAtMs[at] = settled.issuedAtMs;
  page.endings[at] = ending;
  page.count += 1;
}

function settledAt(page: Page, at: number): SettledRequest | undefined {
  const requestId = page.requestIds[at];
  const ending = page.endings[at];
  if (requestId === undefined || ending === undefined || ending === null) return undefined;
  const { attempts, isOnlyHere, outcome, reason, votes, results } = ending;
  return {
    requestId,
    issuedAtMs: page.issuedAtMs[at] ?? 0,
    digest: page.digests[at] ?? "",
    attempts,
    isOnlyHere,
    phase: "settled",
    transactionId: page.transactionIds[at] ?? null,
    outcome,
    reason,
    votes,
    results,
  };
}

function endingOf({ attempts, isOnlyHere, outcome, reason, votes, results }: SettledRequest): Ending {
  return { attempts, isOnlyHere, outcome, reason, votes, results };
}

function endsSo(settled: SettledRequest, ending: Ending): boolean {
  return (
    settled.attempts === ending.attempts &&
    settled.isOnlyHere === ending.isOnlyHere &&
    settled.outcome === ending.outcome &&
    settled.reason === ending.reason &&
    settled.votes === ending.votes &&
    settled.results === ending.results
  );
}
