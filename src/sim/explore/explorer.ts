import { invariant } from "../../core/errors.ts";
import { createKeySet } from "./key-set.ts";
import type { Action, Model } from "./model.ts";
import { createOrigins, type Origins } from "./origins.ts";

export interface TraceStep<State> {
  readonly label: string;
  readonly state: State;
}

/** A broken invariant and a shortest way to it, from an initial state (labelled `initial`) on. */
export interface Violation<State> {
  readonly invariant: string;
  readonly trace: readonly TraceStep<State>[];
}

/** How far an exploration has come. */
export interface Extent {
  readonly distinctStates: number;
  /** The initial states, and one for each action that was enabled in a state, wherever it led. */
  readonly generatedStates: number;
  /** Levels; the initial states are the first. */
  readonly depth: number;
}

export interface Exploration<State> extends Extent {
  /** False when `statesMax` or a violation ended it: there may be states that were not visited. */
  readonly isComplete: boolean;
  /** Everything that the first bad state or step breaks; empty when all held. */
  readonly violations: readonly Violation<State>[];
}

export interface ExploreOptions {
  /** Stops once so many distinct states were seen. */
  readonly statesMax?: number;
  /** Told after each level. */
  readonly onLevel?: (extent: Extent) => void;
}

/**
 * Visits every reachable state, nearest first, and stops at the first that breaks an invariant. Only the states of the
 * present level and the next are held; of the others remain eight bytes of the key and six of where they came from.
 */
export function explore<State>(model: Model<State>, options: ExploreOptions = {}): Exploration<State> {
  const { statesMax = Number.POSITIVE_INFINITY, onLevel } = options;
  const seen = createKeySet();
  const origins = createOrigins();
  let generatedStates = 0;
  let depth = 0;
  let level: State[] = [];
  let nextLevel: State[] = [];
  let violations: readonly Violation<State>[] = [];

  const extent = (): Extent => ({ distinctStates: seen.size(), generatedStates, depth });
  const take = (state: State, parent: number, ordinal: number): string[] => {
    generatedStates += 1;
    if (!seen.add(model.key(state))) return [];
    origins.add(parent, ordinal);
    nextLevel.push(state);
    return model.invariants.flatMap(({ name, holds }) => (holds(state) ? [] : [name]));
  };
  const isOver = () => violations.length > 0 || seen.size() >= statesMax;

  const expand = (state: State, index: number): void => {
    let ordinal = 0;
    for (const action of model.actions(state)) {
      const broken = brokenSteps(model, state, action.next);
      broken.push(...take(action.next, index, ordinal));
      if (broken.length > 0) violations = reportAll(model, origins, broken, index, ordinal);
      if (isOver()) return;
      ordinal += 1;
    }
  };

  model.initial.forEach((state, ordinal) => {
    const broken = take(state, -1, ordinal);
    if (broken.length > 0 && violations.length === 0)
      violations = reportAll(model, origins, broken, -1, ordinal);
  });
  let first = 0;
  while (nextLevel.length > 0) {
    level = nextLevel;
    nextLevel = [];
    depth += 1;
    onLevel?.(extent());
    if (isOver()) break;
    for (const [offset, state] of level.entries()) {
      expand(state, first + offset);
      if (isOver()) break;
    }
    first += level.length;
  }
  return { ...extent(), isComplete: !isOver(), violations };
}

function brokenSteps<State>(model: Model<State>, before: State, after: State): string[] {
  const broken: string[] = [];
  for (const { name, holds } of model.stepInvariants ?? []) if (!holds(before, after)) broken.push(name);
  return broken;
}

function reportAll<State>(
  model: Model<State>,
  origins: Origins,
  broken: readonly string[],
  parent: number,
  ordinal: number,
): Violation<State>[] {
  const trace = retrace(model, [...origins.pathTo(parent), ordinal]);
  return broken.map((name) => ({ invariant: name, trace }));
}

/** Walks a path again: the number of an initial state, then the number of an action in each state after it. */
function retrace<State>(model: Model<State>, path: readonly number[]): TraceStep<State>[] {
  const [start = 0, ...ordinals] = path;
  const initial = model.initial[start];
  invariant(initial !== undefined, `${model.name} has no initial state ${start}`);
  const trace: TraceStep<State>[] = [{ label: "initial", state: initial }];
  let state: State = initial;
  for (const ordinal of ordinals) {
    const { label, next } = actionAt(model, state, ordinal);
    trace.push({ label, state: next });
    state = next;
  }
  return trace;
}

function actionAt<State>(model: Model<State>, state: State, ordinal: number): Action<State> {
  let at = 0;
  for (const action of model.actions(state)) {
    if (at === ordinal) return action;
    at += 1;
  }
  invariant(false, `${model.name} has no action ${ordinal} in a state where it was taken`);
}
