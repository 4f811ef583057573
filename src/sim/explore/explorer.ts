import { createFrontier } from "./frontier.ts";
import { createKeySet } from "./key-set.ts";
import type { Action, Model } from "./model.ts";
import { createOrigins } from "./origins.ts";
import { reportAll, type Violation } from "./violation.ts";

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

/** How many states are expanded between two moments at which an exploration can be left. */
const PIECE_STATES = 1 << 8;

/** How many states are visited at least, from one beginning to the next, by a model that still learns what is equal. */
const LEARNS_AT_FIRST = 4_000;
const LEARNS_AT_TIMES = 4;

/** Visits every reachable state, nearest first, and stops at the first that breaks an invariant. */
export function explore<State, Step extends Action<State>>(
  model: Model<State, Step>,
  options: ExploreOptions = {},
): Exploration<State, Step> {
  const pieces = exploreInPieces(model, options);
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}

/**
 * The same, with a word every few hundred states: who has seen enough lets it be. Only the states of the present
 * level and the next are held; of the others remain eight bytes of the key and six of where they came from.
 */
export function* exploreInPieces<State, Step extends Action<State>>(
  model: Model<State, Step>,
  options: ExploreOptions = {},
): Generator<Extent, Exploration<State, Step>> {
  for (let learnsAt = LEARNS_AT_FIRST; ; learnsAt *= LEARNS_AT_TIMES) {
    const exploration = yield* exploreOnce(model, options, learnsAt);
    if (exploration) return exploration;
  }
}

/** Null where states were passed over, so that all must begin anew: after so many states, or in the end. */
function* exploreOnce<State, Step extends Action<State>>(
  model: Model<State, Step>,
  options: ExploreOptions,
  learnsAt: number,
): Generator<Extent, Exploration<State, Step> | null> {
  const { statesMax = Number.POSITIVE_INFINITY, onLevel } = options;
  const seen = createKeySet();
  const origins = createOrigins();
  let generatedStates = 0;
  let depth = 0;
  let level = createFrontier(model.packing);
  let nextLevel = createFrontier(model.packing);
  let violations: readonly Violation<State, Step>[] = [];
  /** False once it is known that states were passed over: what is left of it only gathers more such knowledge. */
  let isSound = true;

  model.learning?.begin();
  const extent = (): Extent => ({ distinctStates: seen.size(), generatedStates, depth });
  const take = (state: State, parent: number, ordinal: number): readonly string[] => {
    generatedStates += 1;
    if (!seen.add(model.key(state))) return NONE;
    origins.add(parent, ordinal);
    nextLevel.push(state);
    return brokenIn(model, state);
  };
  const report = (broken: readonly string[], parent: number, ordinal: number) => {
    violations = reportAll(model, broken, [...origins.pathTo(parent), ordinal]);
  };
  const isOver = () => violations.length > 0 || seen.size() >= statesMax;

  const expand = (state: State, index: number): void => {
    let ordinal = 0;
    for (const action of model.actions(state)) {
      const { next } = action;
      const step = brokenSteps(model, state, action);
      if (next === state) generatedStates += 1;
      const after = next === state ? NONE : take(next, index, ordinal);
      if (step.length + after.length > 0) report([...step, ...after], index, ordinal);
      if (isOver()) return;
      ordinal += 1;
    }
  };

  model.initial.forEach((state, ordinal) => {
    const broken = take(state, -1, ordinal);
    if (broken.length > 0 && violations.length === 0) report(broken, -1, ordinal);
  });
  let first = 0;
  while (nextLevel.size() > 0) {
    [level, nextLevel] = [nextLevel, level];
    nextLevel.clear();
    depth += 1;
    onLevel?.(extent());
    if (isOver()) break;
    for (let offset = 0; offset < level.size() && !isOver(); offset += 1) {
      expand(level.at(offset), first + offset);
      if (offset % PIECE_STATES === PIECE_STATES - 1) yield extent();
    }
    first += level.size();
    if (model.learning?.tookTooMuchForEqual()) isSound = false;
    if (!isSound && seen.size() > learnsAt) break;
  }
  // What is broken is broken, whatever else was passed over.
  if (violations.length === 0 && !isSound) return null;
  return { ...extent(), isComplete: !isOver(), violations };
}

const NONE: readonly string[] = [];

function brokenIn<State>({ invariants }: Pick<Model<State>, "invariants">, state: State): readonly string[] {
  let broken: string[] | null = null;
  for (const { name, holds } of invariants) if (!holds(state)) broken = [...(broken ?? []), name];
  return broken ?? NONE;
}

function brokenSteps<State, Step extends Action<State>>(
  { stepInvariants = [] }: Model<State, Step>,
  before: State,
  { next, broken = NONE }: Step,
): readonly string[] {
  let all = broken;
  for (const { name, holds } of stepInvariants) if (!holds(before, next)) all = [...all, name];
  return all;
}
