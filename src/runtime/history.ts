import type { CoordinatorState } from "../core/coordinator.ts";
import type { ParticipantState } from "../core/participant-state.ts";
import { viewCoordinator, viewParticipant } from "../core/views.ts";
import type { TransactionId } from "../schema/ids.ts";
import type { Counts, TransactionView } from "../schema/views.ts";

export type Role = "coordinator" | "participant";
type Shown =
  | { readonly role: "coordinator"; readonly state: CoordinatorState }
  | { readonly role: "participant"; readonly state: ParticipantState };

interface Entry {
  readonly transactionId: TransactionId;
  shown: Shown | null;
  readonly startedAtMs: number;
  endedAtMs: number | null;
  recordsAppended: number;
  recordsForced: number;
  messagesSent: number;
}

/** Finished transactions that a node still shows; older ones are dropped, unfinished ones never. */
const FINISHED_SHOWN_MAX = 5_000;

/** What a node shows of its transactions, with what each has cost. Nothing in the protocol depends on it. */
export interface History {
  change(transactionId: TransactionId, shown: Shown): void;
  count(role: Role, transactionId: TransactionId, what: keyof Counts): void;
  /** Both roles' views of one transaction. */
  find(transactionId: TransactionId): TransactionView[];
  /** Newest first. */
  list(limit: number): TransactionView[];
  /** The views changed since the last call; builds nothing when there is no listener. */
  takeChanged(): Iterable<TransactionView>;
  forgetChanged(): void;
}

/** `onEnd` hears of every transaction that is over in one of its roles here. */
export function createHistory(wallMs: () => number, onEnd: (transactionId: TransactionId) => void): History {
  const entries = new Map<string, Entry>();
  const finished = new Map<string, true>();
  const changed = new Set<Entry>();

  const entryOf = (role: Role, transactionId: TransactionId): Entry => {
    const key = `${role} ${transactionId}`;
    let entry = entries.get(key);
    if (!entry) {
      const none = { recordsAppended: 0, recordsForced: 0, messagesSent: 0 };
      entry = { transactionId, shown: null, startedAtMs: wallMs(), endedAtMs: null, ...none };
      entries.set(key, entry);
    }
    return entry;
  };

  const finish = (key: string, entry: Entry) => {
    if (entry.endedAtMs === null) {
      entry.endedAtMs = wallMs();
      onEnd(entry.transactionId);
    }
    retire(key);
  };

  const retire = (key: string) => {
    finished.set(key, true);
    if (finished.size <= FINISHED_SHOWN_MAX) return;
    const oldest = finished.keys().next();
    if (oldest.done) return;
    finished.delete(oldest.value);
    entries.delete(oldest.value);
  };

  const views = (wanted: Iterable<Entry>) => [...wanted].flatMap((entry) => viewOf(entry) ?? []);

  return {
    change(transactionId, shown) {
      const entry = entryOf(shown.role, transactionId);
      entry.shown = shown;
      changed.add(entry);
      const key = `${shown.role} ${transactionId}`;
      if (isFinished(shown)) finish(key, entry);
      else finished.delete(key);
    },
    count(role, transactionId, what) {
      const entry = entryOf(role, transactionId);
      entry[what] += 1;
      changed.add(entry);
      // A message about something long forgotten leaves an entry that shows nothing; it ages like the rest.
      if (!entry.shown) retire(`${role} ${transactionId}`);
    },
    find: (transactionId) =>
      views(
        (["coordinator", "participant"] as const).flatMap(
          (role) => entries.get(`${role} ${transactionId}`) ?? [],
        ),
      ),
    list: (limit) => views([...entries.values()].slice(-limit).reverse()),
    takeChanged() {
      const taken = views(changed);
      changed.clear();
      return taken;
    },
    forgetChanged: () => changed.clear(),
  };
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
