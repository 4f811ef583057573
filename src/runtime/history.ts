import type { CoordinatorState } from "../core/coordinator.ts";
import type { Effect } from "../core/effects.ts";
import { emptied } from "../core/emptied.ts";
import type { ParticipantState } from "../core/participant-state.ts";
import { isInSample } from "../core/sample.ts";
import { makeTransactionTable, type TransactionTable } from "../core/transaction-table.ts";
import { viewCoordinator, viewParticipant } from "../core/views.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { Tally } from "../schema/tally.ts";
import type { TransactionView } from "../schema/views.ts";
import { createRetired, type Retiring } from "./retired.ts";
import { createTurnTime } from "./turn-time.ts";

const ROLES = ["coordinator", "participant"] as const;
export type Role = (typeof ROLES)[number];
/** How a transaction stands in a role: what a step has said of it last. */
type Shown = Extract<Effect, { type: "coordinator-changed" | "participant-changed" }>;

interface Entry extends Retiring {
  readonly role: Role;
  readonly transactionId: TransactionId;
  /** Rises from entry to entry. */
  readonly number: number;
  /** Null until it is first shown. */
  state: CoordinatorState | ParticipantState | null;
  readonly startedAtMs: number;
  endedAtMs: number | null;
  recordsAppended: number;
  recordsForced: number;
  messagesSent: number;
  /** Of its state, which is asked for this with each message and record. What only messages have touched counts as finished. */
  standing: Standing;
}

/** What of a state matters here. The states have so many shapes that to look into one is a search: each is looked at once. */
interface Standing {
  readonly isFinished: boolean;
  readonly isAborted: boolean;
  readonly isHeuristic: boolean;
}

type Tables = Readonly<Record<Role, TransactionTable<Entry>>>;

const makeTables = (): Tables => ({
  coordinator: makeTransactionTable(),
  participant: makeTransactionTable(),
});

/** Where not all are remembered that are over, one in so many is. */
const SAMPLE_ONE_IN = 64;

/** What a node shows of its transactions, with what each has cost. Nothing in the protocol depends on it. */
export interface History {
  change(shown: Shown): void;
  countMessage(role: Role, transactionId: TransactionId): void;
  countRecord(role: Role, transactionId: TransactionId, isForced: boolean): void;
  /** Both roles' views of one transaction. */
  find(transactionId: TransactionId): TransactionView[];
  /** The newest, as many as asked for, and beside them all that are not finished, however old; newest first. */
  list(limit: number): TransactionView[];
  /** The views changed since the last call that somebody is shown: asked for when a turn ends. */
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
  const entries = makeTables();
  /** Taken as a whole and begun anew: what a Set was cleared of would be kept alive by the one before (`core/renewed.ts`). */
  let changed = new Set<Entry>();
  /** What this turn has added or seen the end of: it takes its place among what is over when the turn ends, unless it is open then. */
  const passing: Entry[] = [];
  const totals = { begun: 0, committed: 0, aborted: 0, tookMs: 0 };
  let lastNumber = 0;
  const { nowMs, turnEnded } = createTurnTime(wallMs);

  /** The entry that was asked for last: a step says several things about the same transaction. None once entries may have left. */
  let last: Entry | null = null;

  const entryOf = (role: Role, transactionId: TransactionId): Entry => {
    if (last === null || last.transactionId !== transactionId || last.role !== role)
      last = entries[role].get(transactionId) ?? addEntry(role, transactionId);
    return last;
  };

  const addEntry = (role: Role, transactionId: TransactionId): Entry => {
    lastNumber += 1;
    const entry: Entry = {
      role,
      transactionId,
      number: lastNumber,
      state: null,
      startedAtMs: nowMs(),
      endedAtMs: null,
      recordsAppended: 0,
      recordsForced: 0,
      messagesSent: 0,
      standing: DONE,
      retired: null,
    };
    entries[role].set(transactionId, entry);
    passing.push(entry);
    return entry;
  };

  const retired = createRetired<Entry>({
    nowMs,
    isMemorable: ({ standing }) => standing.isAborted || standing.isHeuristic,
    isOfSample: ({ transactionId }) => isInSample(transactionId, SAMPLE_ONE_IN),
    drop: ({ role, transactionId }) => void entries[role].delete(transactionId),
  });

  /** A message about something long forgotten leaves an entry that was never open and shows nothing; it ages like the rest. */
  const retireClosed = () => {
    for (const entry of passing) if (entry.standing.isFinished) retired.add(entry);
    emptied(passing);
    last = null;
  };

  const end = (entry: Entry, state: CoordinatorState | ParticipantState) => {
    entry.endedAtMs = nowMs();
    if (state.phase === "forgotten") {
      totals[state.outcome] += 1;
      if (state.outcome === "committed") totals.tookMs += Math.max(0, entry.endedAtMs - entry.startedAtMs);
    }
    onEnd(entry.transactionId);
  };

  const noteChange = (entry: Entry) => {
    if (isShown(entry.transactionId, entry.standing.isAborted)) changed.add(entry);
  };

  const all = () => ROLES.flatMap((role) => [...entries[role].values()]);

  const views = (wanted: Iterable<Entry>) => [...wanted].flatMap((entry) => viewOf(entry) ?? []);

  return {
    change(shown) {
      const { state } = shown;
      const isCoordinator = shown.type === "coordinator-changed";
      const entry = isCoordinator
        ? entryOf("coordinator", shown.state.info.transactionId)
        : entryOf("participant", shown.transactionId);
      if (isCoordinator && entry.state === null) totals.begun += 1;
      entry.state = state;
      entry.standing = standingOf(state);
      noteChange(entry);
      if (entry.standing.isFinished) {
        if (entry.endedAtMs === null) end(entry, state);
        passing.push(entry);
      } else entry.retired = null;
    },
    countMessage(role, transactionId) {
      const entry = entryOf(role, transactionId);
      entry.messagesSent += 1;
      noteChange(entry);
    },
    countRecord(role, transactionId, isForced) {
      const entry = entryOf(role, transactionId);
      entry.recordsAppended += 1;
      if (isForced) entry.recordsForced += 1;
      noteChange(entry);
    },
    find: (transactionId) => views(ROLES.flatMap((role) => entries[role].get(transactionId) ?? [])),
    list(limit) {
      const newestFirst = all().sort((one, other) => other.number - one.number);
      return views(newestFirst.filter((entry, place) => place < limit || !entry.standing.isFinished));
    },
    takeChanged() {
      retireClosed();
      turnEnded();
      if (changed.size === 0) return [];
      const taken = views(changed);
      changed = new Set();
      return taken;
    },
    unfinished: () =>
      all()
        .filter(({ standing }) => !standing.isFinished)
        .sort((one, other) => one.number - other.number),
    isOverSince: (transactionId, sinceMs) =>
      ROLES.every((role) => {
        const entry = entries[role].get(transactionId);
        return entry === undefined || entry.state === null || (entry.endedAtMs ?? sinceMs) < sinceMs;
      }),
    totals: () => totals,
  };
}

const UNDER_WAY: Standing = { isFinished: false, isAborted: false, isHeuristic: false };
const ABORTING: Standing = { ...UNDER_WAY, isAborted: true };
const DONE: Standing = { ...UNDER_WAY, isFinished: true };
const ABORTED: Standing = { ...DONE, isAborted: true };
const HEURISTIC: Standing = { ...UNDER_WAY, isHeuristic: true };
const HEURISTIC_ENDED: Standing = { ...DONE, isHeuristic: true };

function standingOf(state: CoordinatorState | ParticipantState): Standing {
  switch (state.phase) {
    case "forgotten":
      return state.outcome === "aborted" ? ABORTED : DONE;
    case "aborting":
      return ABORTING;
    case "aborted":
      return ABORTED;
    case "heuristic":
      return state.step === "ended" ? HEURISTIC_ENDED : HEURISTIC;
    case "read-only":
    case "committed":
      return DONE;
    default:
      return UNDER_WAY;
  }
}

function viewOf(entry: Entry): TransactionView | null {
  const { transactionId, state, startedAtMs, endedAtMs, recordsAppended, recordsForced, messagesSent } =
    entry;
  if (!state) return null;
  const measured = { startedAtMs, endedAtMs, counts: { recordsAppended, recordsForced, messagesSent } };
  return "info" in state
    ? { ...viewCoordinator(state), ...measured }
    : { ...viewParticipant(transactionId, state), ...measured };
}
