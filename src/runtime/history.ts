import type { CoordinatorState } from "../core/coordinator.ts";
import type { ParticipantState } from "../core/participant-state.ts";
import { viewCoordinator, viewParticipant } from "../core/views.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { Tally } from "../schema/tally.ts";
import type { Counts, TransactionView } from "../schema/views.ts";
import { createQueue } from "./queue.ts";

export type Role = "coordinator" | "participant";
type Shown =
  | { readonly role: "coordinator"; readonly state: CoordinatorState }
  | { readonly role: "participant"; readonly state: ParticipantState };

interface Entry {
  readonly role: Role;
  readonly transactionId: TransactionId;
  /** Rises from entry to entry. */
  readonly number: number;
  shown: Shown | null;
  readonly startedAtMs: number;
  endedAtMs: number | null;
  recordsAppended: number;
  recordsForced: number;
  messagesSent: number;
  /** It may be dropped when its turn comes; it has a place among those that wait for that. */
  isRetired: boolean;
  isQueued: boolean;
}

/** Finished transactions that a node still shows; older ones are dropped, unfinished ones never. */
const FINISHED_SHOWN_MAX = 5_000;

/** What a node shows of its transactions, with what each has cost. Nothing in the protocol depends on it. */
export interface History {
  change(transactionId: TransactionId, shown: Shown): void;
  count(role: Role, transactionId: TransactionId, what: keyof Counts): void;
  /** Both roles' views of one transaction. */
  find(transactionId: TransactionId): TransactionView[];
  /** The newest, as many as asked for, and beside them all that are not finished, however old; newest first. */
  list(limit: number): TransactionView[];
  /** The views changed since the last call that somebody is shown. */
  takeChanged(): Iterable<TransactionView>;
  /** What is not finished, in one role or the other, the oldest first. */
  unfinished(): readonly Begun[];
  /** Whether it is over in all its roles here since before a moment, or not known at all. */
  isOverSince(transactionId: TransactionId, wallMs: number): boolean;
  /** Of transactions that this node coordinates, in this run. */
  totals(): Totals;
}

export interface Begun {
  readonly transactionId: TransactionId;
  readonly startedAtMs: number;
}

export type Totals = Pick<Tally, "begun" | "committed" | "aborted" | "tookMs">;

/**
 * `onEnd` hears of every transaction that is over in one of its roles here; `isShown` says of each change whether anybody
 * is told of it.
 */
export function createHistory(
  wallMs: () => number,
  onEnd: (transactionId: TransactionId) => void,
  isShown: (transactionId: TransactionId, isAborted: boolean) => boolean = () => true,
): History {
  const entries: Readonly<Record<Role, Map<TransactionId, Entry>>> = {
    coordinator: new Map(),
    participant: new Map(),
  };
  /** What is not finished: looked through several times a second for those who watch, among thousands that are. */
  const open = new Set<Entry>();
  /** Those that may be dropped, oldest first, and some that are in use again. */
  const retired = createQueue<Entry>();
  const changed = new Set<Entry>();
  const totals = { begun: 0, committed: 0, aborted: 0, tookMs: 0 };
  let retiredCount = 0;
  let lastNumber = 0;
  /** What a step says of a transaction, it says several times. */
  let last: Entry | null = null;

  const entryOf = (role: Role, transactionId: TransactionId): Entry => {
    if (last !== null && last.role === role && last.transactionId === transactionId) return last;
    last = entries[role].get(transactionId) ?? addEntry(role, transactionId);
    return last;
  };

  const addEntry = (role: Role, transactionId: TransactionId): Entry => {
    lastNumber += 1;
    const entry: Entry = {
      role,
      transactionId,
      number: lastNumber,
      shown: null,
      startedAtMs: wallMs(),
      endedAtMs: null,
      recordsAppended: 0,
      recordsForced: 0,
      messagesSent: 0,
      isRetired: false,
      isQueued: false,
    };
    entries[role].set(transactionId, entry);
    return entry;
  };

  const finish = (entry: Entry, { role, state }: Shown) => {
    if (entry.endedAtMs === null) {
      entry.endedAtMs = wallMs();
      if (role === "coordinator" && state.phase === "forgotten") {
        totals[state.outcome] += 1;
        if (state.outcome === "committed") totals.tookMs += Math.max(0, entry.endedAtMs - entry.startedAtMs);
      }
      onEnd(entry.transactionId);
    }
    retire(entry);
  };

  const noteChange = (entry: Entry) => {
    const { shown, transactionId } = entry;
    if (isShown(transactionId, shown !== null && isAborted(shown))) changed.add(entry);
  };

  const retire = (entry: Entry) => {
    if (entry.isRetired) return;
    entry.isRetired = true;
    open.delete(entry);
    retiredCount += 1;
    if (!entry.isQueued) retired.add(entry);
    entry.isQueued = true;
    while (retiredCount > FINISHED_SHOWN_MAX) dropOldest();
  };

  const dropOldest = () => {
    const oldest = retired.take();
    if (oldest === undefined) return;
    oldest.isQueued = false;
    if (!oldest.isRetired) return;
    retiredCount -= 1;
    entries[oldest.role].delete(oldest.transactionId);
    if (last === oldest) last = null;
  };

  const views = (wanted: Iterable<Entry>) => [...wanted].flatMap((entry) => viewOf(entry) ?? []);

  return {
    change(transactionId, shown) {
      const entry = entryOf(shown.role, transactionId);
      const isFirst = entry.shown === null;
      if (isFirst && shown.role === "coordinator") totals.begun += 1;
      entry.shown = shown;
      noteChange(entry);
      if (isFinished(shown)) return finish(entry, shown);
      if (isFirst || entry.isRetired) open.add(entry);
      if (entry.isRetired) retiredCount -= 1;
      entry.isRetired = false;
    },
    count(role, transactionId, what) {
      const entry = entryOf(role, transactionId);
      entry[what] += 1;
      noteChange(entry);
      // A message about something long forgotten leaves an entry that shows nothing; it ages like the rest.
      if (!entry.shown) retire(entry);
    },
    find: (transactionId) =>
      views(
        (["coordinator", "participant"] as const).flatMap((role) => entries[role].get(transactionId) ?? []),
      ),
    list(limit) {
      const newestFirst = (some: Iterable<Entry>) =>
        [...some].sort((one, other) => other.number - one.number);
      const newest = Object.values(entries).flatMap((ofRole) => [...ofRole.values()].slice(-limit));
      return views(newestFirst(new Set([...newestFirst(newest).slice(0, limit), ...open])));
    },
    takeChanged() {
      if (changed.size === 0) return [];
      const taken = views(changed);
      changed.clear();
      return taken;
    },
    unfinished: () => [...open].sort((one, other) => one.number - other.number),
    isOverSince: (transactionId, sinceMs) =>
      [entries.coordinator, entries.participant].every((ofRole) => {
        const entry = ofRole.get(transactionId);
        return entry === undefined || entry.shown === null || (entry.endedAtMs ?? sinceMs) < sinceMs;
      }),
    totals: () => totals,
  };
}

function isAborted({ state }: Shown): boolean {
  if (state.phase === "forgotten") return state.outcome === "aborted";
  return state.phase === "aborted" || state.phase === "aborting";
}

function isFinished({ state }: Shown): boolean {
  if (state.phase === "heuristic") return state.step === "ended";
  return (
    state.phase === "forgotten" ||
    state.phase === "read-only" ||
    state.phase === "committed" ||
    state.phase === "aborted"
  );
}

function viewOf(entry: Entry): TransactionView | null {
  const { shown, startedAtMs, endedAtMs, recordsAppended, recordsForced, messagesSent } = entry;
  if (!shown) return null;
  const measured = { startedAtMs, endedAtMs, counts: { recordsAppended, recordsForced, messagesSent } };
  return shown.role === "coordinator"
    ? { ...viewCoordinator(shown.state), ...measured }
    : { ...viewParticipant(entry.transactionId, shown.state), ...measured };
}
