import type { Effect } from "../core/effects.ts";
import { parseTransactionId } from "../core/ids.ts";
import { renewed } from "../core/renewed.ts";
import { viewCoordinator, viewParticipant } from "../core/views.ts";
import type { NodeId, TransactionId } from "../schema/ids.ts";
import type { Tally } from "../schema/tally.ts";
import type { Counts, TransactionView } from "../schema/views.ts";

const ROLES = ["coordinator", "participant"] as const;
export type Role = (typeof ROLES)[number];
/** How a transaction stands in a role: what a step has said of it last. */
type Shown = Extract<Effect, { type: "coordinator-changed" | "participant-changed" }>;

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
  /** Where it stands: neither here nor there until it is first shown or counted. */
  isOpen: boolean;
  generation: Table | null;
}

type Table = Map<TransactionId, Entry>;
type Tables = Record<Role, Table>;

const makeTables = (): Tables => ({ coordinator: new Map(), participant: new Map() });

/**
 * Finished transactions stand in generations of this many, and the oldest generation is dropped as a whole: of those that
 * finished last, this many times the number of full generations are shown in any case.
 */
const GENERATION = 2_500;
const FULL_GENERATIONS = 2;
/** Coordinators whose newest transactions are known as new without a look into the tables. */
const COORDINATORS_MAX = 64;

/** What a node shows of its transactions, with what each has cost. Nothing in the protocol depends on it. */
export interface History {
  change(shown: Shown): void;
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
  /** What is not finished; small, and looked up at each step. */
  const open = makeTables();
  let youngest = makeTables();
  /** What is finished, and what only messages have touched: the youngest generation first. */
  const finished = [youngest];
  const newest = { coordinator: createNewest(), participant: createNewest() };
  const changed = new Set<Entry>();
  const totals = { begun: 0, committed: 0, aborted: 0, tookMs: 0 };
  let lastNumber = 0;
  /** What a step says of a transaction, it says several times. */
  let last: Entry | null = null;

  const known = (role: Role, transactionId: TransactionId): Entry | undefined => {
    const entry = open[role].get(transactionId);
    if (entry !== undefined) return entry;
    for (const generation of finished) {
      const found = generation[role].get(transactionId);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const entryOf = (role: Role, transactionId: TransactionId): Entry => {
    if (last !== null && last.role === role && last.transactionId === transactionId) return last;
    const isNew = newest[role].isBeyond(transactionId);
    last = (isNew ? undefined : known(role, transactionId)) ?? makeEntry(role, transactionId);
    return last;
  };

  const makeEntry = (role: Role, transactionId: TransactionId): Entry => {
    lastNumber += 1;
    return {
      role,
      transactionId,
      number: lastNumber,
      shown: null,
      startedAtMs: wallMs(),
      endedAtMs: null,
      recordsAppended: 0,
      recordsForced: 0,
      messagesSent: 0,
      isOpen: false,
      generation: null,
    };
  };

  const retire = (entry: Entry) => {
    if (entry.generation !== null) return;
    if (entry.isOpen) open[entry.role].delete(entry.transactionId);
    if (youngest.coordinator.size + youngest.participant.size === GENERATION) {
      youngest = makeTables();
      finished.unshift(youngest);
      finished.length = Math.min(finished.length, FULL_GENERATIONS + 1);
    }
    entry.isOpen = false;
    entry.generation = youngest[entry.role].set(entry.transactionId, entry);
  };

  const enter = (entry: Entry) => {
    const { role, transactionId } = entry;
    if (entry.isOpen) return;
    entry.generation?.delete(transactionId);
    entry.generation = null;
    entry.isOpen = true;
    open[role] = renewed(open[role], entry.number);
    open[role].set(transactionId, entry);
  };

  const end = (entry: Entry, { state }: Shown) => {
    entry.endedAtMs = wallMs();
    if (entry.role === "coordinator" && state.phase === "forgotten") {
      totals[state.outcome] += 1;
      if (state.outcome === "committed") totals.tookMs += Math.max(0, entry.endedAtMs - entry.startedAtMs);
    }
    onEnd(entry.transactionId);
  };

  const noteChange = (entry: Entry) => {
    const { shown, transactionId } = entry;
    if (isShown(transactionId, shown !== null && isAborted(shown))) changed.add(entry);
  };

  const views = (wanted: Iterable<Entry>) => [...wanted].flatMap((entry) => viewOf(entry) ?? []);

  return {
    change(shown) {
      const isCoordinator = shown.type === "coordinator-changed";
      const entry = isCoordinator
        ? entryOf("coordinator", shown.state.info.transactionId)
        : entryOf("participant", shown.transactionId);
      if (isCoordinator && entry.shown === null) totals.begun += 1;
      entry.shown = shown;
      noteChange(entry);
      if (isFinished(shown)) {
        if (entry.endedAtMs === null) end(entry, shown);
        retire(entry);
      } else enter(entry);
    },
    count(role, transactionId, what) {
      const entry = entryOf(role, transactionId);
      entry[what] += 1;
      noteChange(entry);
      // A message about something long forgotten leaves an entry that shows nothing; it ages like the rest.
      if (!entry.isOpen) retire(entry);
    },
    find: (transactionId) => views(ROLES.flatMap((role) => known(role, transactionId) ?? [])),
    list(limit) {
      const all = [open, ...finished].flatMap((tables) =>
        ROLES.flatMap((role) => [...tables[role].values()]),
      );
      const newestFirst = all.sort((one, other) => other.number - one.number);
      return views(newestFirst.filter((entry, place) => place < limit || entry.isOpen));
    },
    takeChanged() {
      if (changed.size === 0) return [];
      const taken = views(changed);
      changed.clear();
      return taken;
    },
    unfinished: () =>
      ROLES.flatMap((role) => [...open[role].values()]).sort((one, other) => one.number - other.number),
    isOverSince: (transactionId, sinceMs) =>
      ROLES.every((role) => {
        const entry = known(role, transactionId);
        return entry === undefined || entry.shown === null || (entry.endedAtMs ?? sinceMs) < sinceMs;
      }),
    totals: () => totals,
  };
}

/** The highest counter met of each coordinator's newest run. */
function createNewest() {
  const runs = new Map<NodeId, { epoch: number; counter: number }>();
  return {
    /** Whether a transaction comes after all that were met of its coordinator, and so for the first time. Notes that it was met. */
    isBeyond(transactionId: TransactionId): boolean {
      const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
      const run = runs.get(coordinatorId);
      if (run === undefined) {
        if (runs.size < COORDINATORS_MAX) runs.set(coordinatorId, { epoch, counter });
        return false;
      }
      if (epoch < run.epoch || (epoch === run.epoch && counter <= run.counter)) return false;
      run.epoch = epoch;
      run.counter = counter;
      return true;
    },
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
  return shown.type === "coordinator-changed"
    ? { ...viewCoordinator(shown.state), ...measured }
    : { ...viewParticipant(shown.transactionId, shown.state), ...measured };
}
