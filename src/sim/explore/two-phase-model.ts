import type { Extent } from "./explorer.ts";
import type { Action, Model } from "./model.ts";
import { isConsistent, isTCommitStep, keyOf as keyOfRmStates, type RmStates } from "./t-commit-model.ts";

/*
 * Two-phase commit without crashes or logs, after Lamport's TwoPhase. The names of variables and actions are those of
 * his specification. A set of participants is a number with one bit for each, the first one's the lowest.
 */

export interface TwoPhaseState {
  readonly rmState: RmStates;
  readonly tmState: "init" | "committed" | "aborted";
  /** From whom the coordinator has heard that it is prepared. */
  readonly tmPrepared: number;
  /** Every message ever sent: nothing is taken away, so that each may be lost for a while or come twice. */
  readonly msgs: { readonly prepared: number; readonly commit: boolean; readonly abort: boolean };
}

/** When the coordinator may decide to commit, given who is prepared and who there is. */
type CommitRule = (tmPrepared: number, everybody: number) => boolean;

/** N participants and their coordinator. Consistency holds in each state, and each step is one of TCommit or none. */
export function twoPhaseModel(participants: number): Model<TwoPhaseState> {
  return {
    ...twoPhaseModelBy("two-phase", participants, (tmPrepared, everybody) => tmPrepared === everybody),
    stepInvariants: [
      { name: "refines t-commit", holds: (before, after) => isTCommitStep(before.rmState, after.rmState) },
    ],
  };
}

/** A model that must fail, to show that the explorer finds what is wrong: one prepared participant is enough to commit. */
export function canaryModel(participants: number): Model<TwoPhaseState> {
  return twoPhaseModelBy("canary", participants, (tmPrepared) => tmPrepared !== 0);
}

function twoPhaseModelBy(name: string, participants: number, mayCommit: CommitRule): Model<TwoPhaseState> {
  const everybody = 2 ** participants - 1;
  return {
    name,
    initial: [
      {
        rmState: Array.from({ length: participants }, () => "working"),
        tmState: "init",
        tmPrepared: 0,
        msgs: { prepared: 0, commit: false, abort: false },
      },
    ],
    actions: (state) => [
      ...tmActions(state, mayCommit(state.tmPrepared, everybody)),
      ...state.rmState.flatMap((_, rm) => rmActions(state, rm)),
    ],
    key: keyOf,
    invariants: [{ name: "consistency", holds: ({ rmState }) => isConsistent(rmState) }],
  };
}

function tmActions(state: TwoPhaseState, mayCommit: boolean): Action<TwoPhaseState>[] {
  if (state.tmState !== "init") return [];
  const { rmState, tmPrepared, msgs } = state;
  const actions: Action<TwoPhaseState>[] = [];
  rmState.forEach((_, rm) => {
    const bit = 1 << rm;
    if (!(msgs.prepared & bit)) return;
    actions.push({
      label: `TMRcvPrepared(${nameOf(rm)})`,
      next: { ...state, tmPrepared: tmPrepared | bit },
    });
  });
  if (mayCommit) {
    actions.push({
      label: "TMCommit",
      next: { ...state, tmState: "committed", msgs: { ...msgs, commit: true } },
    });
  }
  actions.push({
    label: "TMAbort",
    next: { ...state, tmState: "aborted", msgs: { ...msgs, abort: true } },
  });
  return actions;
}

function rmActions(state: TwoPhaseState, rm: number): Action<TwoPhaseState>[] {
  const { rmState, msgs } = state;
  const who = nameOf(rm);
  const actions: Action<TwoPhaseState>[] = [];
  if (rmState[rm] === "working") {
    actions.push({
      label: `RMPrepare(${who})`,
      next: {
        ...state,
        rmState: rmState.with(rm, "prepared"),
        msgs: { ...msgs, prepared: msgs.prepared | (1 << rm) },
      },
    });
    actions.push({
      label: `RMChooseToAbort(${who})`,
      next: { ...state, rmState: rmState.with(rm, "aborted") },
    });
  }
  if (msgs.commit) {
    actions.push({
      label: `RMRcvCommitMsg(${who})`,
      next: { ...state, rmState: rmState.with(rm, "committed") },
    });
  }
  if (msgs.abort) {
    actions.push({
      label: `RMRcvAbortMsg(${who})`,
      next: { ...state, rmState: rmState.with(rm, "aborted") },
    });
  }
  return actions;
}

function nameOf(rm: number): string {
  return `p${rm + 1}`;
}

const TM_DIGIT = { init: 0, committed: 1, aborted: 2 } as const;

/** All variables as digits of one number; below 2^53 for up to twelve participants. */
export function keyOf({ rmState, tmState, tmPrepared, msgs }: TwoPhaseState): number {
  const sets = 2 ** rmState.length;
  const decisions = TM_DIGIT[tmState] * 4 + (msgs.commit ? 2 : 0) + (msgs.abort ? 1 : 0);
  return ((keyOfRmStates(rmState) * 12 + decisions) * sets + tmPrepared) * sets + msgs.prepared;
}

/** What exploring `participants` of them must find. */
export function twoPhaseClosedForm(participants: number): Extent {
  const n = participants;
  return {
    distinctStates: 6 ** n + 4 ** n + 2 ** n,
    generatedStates: 2 + (n + 1) * 4 ** n + n * 2 ** n + 8 * n * 6 ** (n - 1),
    depth: 3 * n + 2,
  };
}
