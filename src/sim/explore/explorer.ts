import { invariant } from "../../core/errors.ts";
import { createKeySet } from "./key-set.ts";
import type { Action, Model } from "./model.ts";
import { createOrigins, type Origins } from "./origins.ts";

export interface TraceStep<State, Step extends Action<State> = Action<State>> {
  readonly label: string;
  readonly state: State;
  /** The action that led here; an initial state has none. */
  readonly step?: Step;
}

/** A broken invariant and a shortest way to it, from an initial state (labelled `initial`) on. */
export interface Violation<State, Step extends Action<State> = Action<State>> {
  readonly invariant: string;
  readonly trace: readonly TraceStep<State, Step>[];
}

/** How far an exploration has come. */
export interface Extent {
  readonly distinctStates: number;
  /** The initial states, and one for each action that was enabled in a state, wherever it led. */
  readonly generatedStates: number;
  /** Levels; the initial states are the first. */
  readonly depth: number;
}

export interface Exploration<State, Step extends Action<State> = Action<State>> extends Extent {
  /** False when `statesMax` or a violation ended it: there may be states that were not visited. */
  readonly isComplete: boolean;
  /** Everything that the first bad state or step breaks; empty when all held. */
  readonly violations: readonly Violation<State, Step>[];
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
export function explore<State, Step extends Action<State>>(
  model: Model<State, Step>,
  options: ExploreOptions = {},
): Exploration<State, Step> {
  const { statesMax = Number.POSITIVE_INFINITY, onLevel } = options;
  const seen = createKeySet();
  const origins = createOrigins();
  let generatedStates = 0;
  let depth = 0;
  let level: State[] = [];
  let nextLevel: State[] = [];
  let violations: readonly Violation<State, Step>[] = [];

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
      const broken = brokenSteps(model, state, action);
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

function brokenSteps<State, Step extends Action<State>>(
  { stepInvariants = [] }: Model<State, Step>,
  before: State,
  { next, broken: own = [] }: Step,
): string[] {
  const broken = [...own];
  for (const { name, holds } of stepInvariants) if (!holds(before, next)) broken.push(name);
  return broken;
}

function reportAll<State, Step extends Action<State>>(
  model: Model<State, Step>,
  origins: Origins,
  broken: readonly string[],
  parent: number,
  ordinal: number,
): Violation<State, Step>[] {
  const trace = retrace(model, [...origins.pathTo(parent), ordinal]);
  return [...new Set(broken)].map((name) => ({ invariant: name, trace: withWhatShows(model, name, trace) }));
}

function withWhatShows<State, Step extends Action<State>>(
  model: Model<State, Step>,
  invariantName: string,
  trace: readonly TraceStep<State, Step>[],
): readonly TraceStep<State, Step>[] {
  const last = trace.at(-1);
  const steps = last && model.showBroken?.(last.state, invariantName, last.step ?? null);
  return [...trace, ...(steps ?? []).map((step) => ({ label: step.label, state: step.next, step }))];
}

/** Walks a path again: the number of an initial state, then the number of an action in each state after it. */
function retrace<State, Step extends Action<State>>(
  model: Model<State, Step>,
  path: readonly number[],
): TraceStep<State, Step>[] {
  const [start = 0, ...ordinals] = path;
  const initial = model.initial[start];
  invariant(initial !== undefined, `${model.name} has no initial state ${start}`);
  const trace: TraceStep<State, Step>[] = [{ label: "initial", state: initial }];
  let state: State = initial;
  for (const ordinal of ordinals) {
    const step = actionAt(model, state, ordinal);
    trace.push({ label: step.label, state: step.next, step });
    state = step.next;
  }
  return trace;
}

function actionAt<State, Step extends Action<State>>(
  model: Model<State, Step>,
  state: State,
  ordinal: number,
): Step {
  let at = 0;
  for (const action of model.actions(state)) {
    if (at === ordinal) return action;
    at += 1;
  }
  invariant(false, `${model.name} has no action ${ordinal} in a state where it was taken`);
}
