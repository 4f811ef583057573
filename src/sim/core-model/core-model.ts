import type { Action, Model } from "../explore/model.ts";
import { rememberByTwo } from "../explore/remember.ts";
import { bareModel } from "./bare-model.ts";
import type { ProcessFacts } from "./core-facts.ts";
import type { WorldFacts } from "./core-invariants.ts";
import type { Member } from "./members.ts";
import type { Move, Moves } from "./moves.ts";
import type { CoreModelOptions } from "./options.ts";
import type { Envelope, Process } from "./process.ts";
import { heardAfter, type Refinement, refineTCommit, refineTwoPhase } from "./refinement.ts";
import { createSettling, type Settling } from "./settling.ts";

/*
 * Coordinators and participants as shipped, over a network that keeps every message ever sent and delivers any of
 * them at any time once a hello has passed: so each may be lost, late, out of order, or come again, also to a later run.
 * Timers may fire whenever they run.
 */

/**
 * A state of the whole: the number of each process's state, that of the set of messages, and, as a history, that of what
 * was said and the votes heard.
 */
export type CoreState = readonly number[];

export interface CoreAction extends Action<CoreState> {
  /** Who moves; with `other` two are connected or cut off. */
  readonly at: number;
  /** The message that is delivered. */
  readonly passed?: number;
  /** What is said, in order. */
  readonly sent: readonly number[];
}

export interface CoreModel extends Model<CoreState, CoreAction> {
  readonly options: CoreModelOptions;
  readonly members: readonly Member[];
  readonly moves: Moves;
  facts(state: CoreState): WorldFacts;
  processFacts(process: number): ProcessFacts;
  processAt(state: CoreState, at: number): Process;
  envelope(id: number): Envelope;
  /** The state after a move of the process at `at`. */
  after(state: CoreState, at: number, move: Pick<Move, "process" | "sent">): CoreState;
  /** Both ends of a connection hear of it, one after the other; nothing where one is down or they are connected. */
  connect(state: CoreState, one: number, other: number): readonly CoreAction[];
}

export interface CheckedCoreModel extends CoreModel {
  readonly settling: Settling | null;
  readonly refinement: Refinement | null;
}

/** The shipped core with everything that is to be checked of it. */
export function coreModel(options: CoreModelOptions): CheckedCoreModel {
  const bare = bareModel(options);
  const refinement = refinementOf(bare);
  const model = refinement?.of === "two-phase" ? withVotesHeard(bare) : bare;
  const settling = options.checksSettling ? createSettling(model) : null;
  return {
    ...model,
    settling,
    refinement,
    stepInvariants: refinement ? [refinement.stepInvariant] : [],
    invariants: [...model.invariants, ...(settling?.invariants ?? [])],
    showBroken: (state, invariant, last) =>
      settling?.isAbout(invariant)
        ? settling.show(state, invariant)
        : (model.showBroken?.(state, invariant, last) ?? []),
  };
}

/** Null where nothing is to be refined, or nobody updates anything. */
function refinementOf({ options, members, processFacts }: CoreModel): Refinement | null {
  const updaters = updatersOf(options, members);
  if (options.refines === null || updaters.length === 0) return null;
  if (options.refines === "t-commit") return refineTCommit({ updaters, processFacts });
  const coordinatorAt = members.findIndex(({ isCoordinator }) => isCoordinator);
  return refineTwoPhase({ updaters, processFacts, coordinatorAt, heardAt: heardAtOf(members) });
}

function heardAtOf(members: readonly Member[]): number {
  return members.length + 2;
}

/** The places of those who do not only read. */
function updatersOf({ participants, readers }: CoreModelOptions, members: readonly Member[]): number[] {
  const places = members.flatMap(({ isParticipant }, at) => (isParticipant ? [at] : []));
  return places.slice(0, participants - readers);
}

/** The votes that the coordinator has heard stay part of the state when it has forgotten them. */
function withVotesHeard(model: CoreModel): CoreModel {
  const { members, processFacts } = model;
  const names = updatersOf(model.options, members).flatMap((at) => members[at]?.name ?? []);
  const coordinatorAt = members.findIndex(({ isCoordinator }) => isCoordinator);
  const heardAt = heardAtOf(members);
  const heardBy = rememberByTwo((coordinator, before) =>
    heardAfter(processFacts(coordinator), names, before),
  );
  return {
    ...model,
    *actions(state) {
      const before = state[heardAt] ?? 0;
      for (const action of model.actions(state)) {
        const heard = heardBy(action.next[coordinatorAt] ?? 0, before);
        yield heard === before ? action : { ...action, next: action.next.with(heardAt, heard) };
      }
    },
  };
}
