import type { NodeId, TransactionId } from "../schema/ids.ts";
import { makeTransactionId, parseTransactionId } from "./ids.ts";
import type { Decision } from "./participant-state.ts";
import { OUTCOME_RUNS_MAX, OUTCOMES_OF_RUN_MAX } from "./settings.ts";

/**
 * Decisions about transactions that the floors have passed, for peers that are still in doubt: those of the newest counters of the
 * newest runs, one byte each. There are thousands of them, and hardly anybody asks.
 */
export interface Outcomes {
  /** The run that was met last stands last. */
  readonly runs: RunOutcomes[];
}

interface RunOutcomes {
  readonly coordinatorId: NodeId;
  readonly epoch: number;
  /** The lowest and the highest counter of which a decision was ever noted. */
  oldest: number;
  newest: number;
  /** Of as many counters as there are places, up to `newest`: a counter's place is what remains when it is divided by their number. */
  places: Uint8Array;
}

const NONE = 0;
const COMMIT = 1;
const ABORT = 2;
const PLACES_FIRST = 16;

export function makeOutcomes(): Outcomes {
  return { runs: [] };
}

export function noteOutcome(outcomes: Outcomes, transactionId: TransactionId, decision: Decision): void {
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  const run = runOf(outcomes, coordinatorId, epoch) ?? addRun(outcomes, coordinatorId, epoch, counter);
  const newest = Math.max(run.newest, counter);
  run.oldest = Math.min(run.oldest, counter);
  makeRoom(run, newest - run.oldest + 1);
  const { places } = run;
  const passed = newest - places.length;
  for (let each = Math.max(run.newest, passed) + 1; each <= newest; each += 1)
    places[each % places.length] = NONE;
  run.newest = newest;
  if (counter > passed) places[counter % places.length] = decision === "commit" ? COMMIT : ABORT;
}

export function outcomeOf(outcomes: Outcomes, transactionId: TransactionId): Decision | undefined {
  const { coordinatorId, epoch, counter } = parseTransactionId(transactionId);
  const run = runOf(outcomes, coordinatorId, epoch);
  return run && decisionAt(run, counter);
}

/** The newest of them, at most `count`, oldest first. */
export function newestOutcomes({ runs }: Outcomes, count: number): (readonly [TransactionId, Decision])[] {
  const found: (readonly [TransactionId, Decision])[] = [];
  for (const run of [...runs].reverse()) {
    const { coordinatorId, epoch, oldest, newest, places } = run;
    const first = Math.max(oldest, newest - places.length + 1);
    for (let counter = newest; counter >= first && found.length < count; counter -= 1) {
      const decision = decisionAt(run, counter);
      if (decision) found.push([makeTransactionId(coordinatorId, epoch, counter), decision]);
    }
  }
  return found.reverse();
}

/** Few coordinators are at work at a time: their runs are found at the end. */
function runOf({ runs }: Outcomes, coordinatorId: NodeId, epoch: number): RunOutcomes | undefined {
  for (let at = runs.length - 1; at >= 0; at -= 1) {
    const run = runs[at];
    if (run?.epoch === epoch && run.coordinatorId === coordinatorId) return run;
  }
  return undefined;
}

function addRun({ runs }: Outcomes, coordinatorId: NodeId, epoch: number, counter: number): RunOutcomes {
  const places = new Uint8Array(PLACES_FIRST);
  const run = { coordinatorId, epoch, oldest: counter, newest: counter, places };
  runs.push(run);
  if (runs.length > OUTCOME_RUNS_MAX) runs.shift();
  return run;
}

/** Nothing is passed before there are as many places as there may be. */
function makeRoom(run: RunOutcomes, wanted: number): void {
  const { places: before, newest } = run;
  let length = before.length;
  while (length < wanted && length < OUTCOMES_OF_RUN_MAX) length *= 2;
  if (length === before.length) return;
  const places = new Uint8Array(length);
  for (let counter = Math.max(0, newest - before.length + 1); counter <= newest; counter += 1)
    places[counter % length] = before[counter % before.length] ?? NONE;
  run.places = places;
}

function decisionAt({ newest, places }: RunOutcomes, counter: number): Decision | undefined {
  if (counter > newest || counter <= newest - places.length) return undefined;
  const place = places[counter % places.length] ?? NONE;
  return place === NONE ? undefined : place === COMMIT ? "commit" : "abort";
}
