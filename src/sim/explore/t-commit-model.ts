import type { Extent } from "./explorer.ts";
import type { Model } from "./model.ts";

/*
 * Transaction commit, the problem itself, after Lamport's TCommit: participants that decide together, without a word
 * on how they learn of each other. The names of variables and actions are those of his specification.
 */

/** `rmState` of one participant. */
export type RmState = "working" | "prepared" | "committed" | "aborted";
/** `rmState` of all of them, in the order of their numbers. */
export type RmStates = readonly RmState[];

/** N participants, who have agreed on nothing yet. */
export function tCommitModel(participants: number): Model<RmStates> {
  return {
    name: "t-commit",
    initial: [Array.from({ length: participants }, () => "working")],
    actions: tCommitActions,
    key: keyOf,
    invariants: [{ name: "consistency", holds: isConsistent }],
  };
}

/** Nobody aborts what another commits. */
export function isConsistent(rmState: RmStates): boolean {
  return !(rmState.includes("committed") && rmState.includes("aborted"));
}

function tCommitActions(rmState: RmStates): { label: string; next: RmStates }[] {
  const actions: { label: string; next: RmStates }[] = [];
  const maySayCommit = rmState.every((state) => state === "prepared" || state === "committed");
  const maySayAbort = !rmState.includes("committed");
  rmState.forEach((state, rm) => {
    const who = `p${rm + 1}`;
    if (state === "working") {
      actions.push({ label: `Prepare(${who})`, next: rmState.with(rm, "prepared") });
    }
    if (state === "prepared" && maySayCommit) {
      actions.push({ label: `Decide(${who}): commit`, next: rmState.with(rm, "committed") });
    }
    if ((state === "working" || state === "prepared") && maySayAbort) {
      actions.push({ label: `Decide(${who}): abort`, next: rmState.with(rm, "aborted") });
    }
  });
  return actions;
}

/** True when one action of TCommit, or none, leads from one to the other: what a protocol that refines it must show. */
export function isTCommitStep(before: RmStates, after: RmStates): boolean {
  if (before === after || isEqual(before, after)) return true;
  return tCommitActions(before).some(({ next }) => isEqual(next, after));
}

function isEqual(one: RmStates, other: RmStates): boolean {
  return one.length === other.length && one.every((state, rm) => state === other[rm]);
}

const DIGIT: Readonly<Record<RmState, number>> = { working: 0, prepared: 1, committed: 2, aborted: 3 };

/** The states as the digits of a number to the base of four. */
export function keyOf(rmState: RmStates): number {
  return rmState.reduce((key, state) => key * 4 + DIGIT[state], 0);
}

/** What exploring `participants` of them must find. */
export function tCommitClosedForm(participants: number): Extent {
  const n = participants;
  return {
    distinctStates: 3 ** n + 2 ** n - 1,
    generatedStates: 1 + n * 3 ** n + n * 2 ** (n - 1),
    depth: 2 * n + 1,
  };
}
