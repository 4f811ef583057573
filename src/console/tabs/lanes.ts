import type { Transaction } from "../../observe/model.ts";
import type { SequenceStep } from "../../observe/sequence.ts";
import { participantNames } from "../../observe/transaction.ts";
import type { NodeName } from "../../schema/ids.ts";

/** Columns of the time beside each step. */
export const TIME_WIDTH = 8;
/** A lane must hold the longest word of the protocol beside its line. */
const LANE_MIN = 9;
const LANE_MAX = 30;

/** Which lanes are drawn, and where. */
export interface Lanes {
  readonly names: readonly NodeName[];
  /** All there are, drawn or not. */
  readonly total: number;
  /** The first of those that move, counted without the pinned one. */
  readonly pan: number;
  readonly panMax: number;
  readonly spacing: number;
  readonly width: number;
  /** The column of a lane's line. */
  place(name: NodeName): number;
}

/** The coordinator's lane stays; of the others as many as fit are drawn, from `pan` on. */
export function layLanes(
  transaction: Transaction,
  steps: readonly SequenceStep[],
  width: number,
  pan: number,
): Lanes {
  const all = namesOf(transaction, steps);
  const room = width - TIME_WIDTH - 1;
  const fitting = Math.max(2, Math.min(all.length, Math.floor(room / LANE_MIN)));
  const panMax = Math.max(0, all.length - fitting);
  const from = Math.min(pan, panMax);
  const names = [...all.slice(0, 1), ...all.slice(1 + from, from + fitting)];
  const spacing = Math.min(LANE_MAX, Math.floor(room / Math.max(1, names.length)));
  const place = (name: NodeName): number =>
    TIME_WIDTH + 1 + names.indexOf(name) * spacing + Math.floor(spacing / 2);
  return { names, total: all.length, pan: from, panMax, spacing, width, place };
}

function namesOf(transaction: Transaction, steps: readonly SequenceStep[]): readonly NodeName[] {
  const names = new Set<NodeName>();
  if (transaction.coordinator !== null) names.add(transaction.coordinator);
  for (const name of participantNames(transaction)) names.add(name);
  for (const step of steps) for (const name of nodesOf(step)) names.add(name);
  return [...names];
}

/** The lanes that a step touches. */
export function nodesOf(step: SequenceStep): readonly NodeName[] {
  return step.type === "message" ? [step.from, step.to] : [step.node];
}
