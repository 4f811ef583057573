import type { StepInvariant } from "../explore/model.ts";
import { type Reachability, reachabilityOf } from "../explore/reachability.ts";
import { keyOf as keyOfRmStates, type RmState, tCommitModel } from "../explore/t-commit-model.ts";
import { keyOf as keyOfTwoPhase, twoPhaseModel } from "../explore/two-phase-model.ts";
import type { PromiseNumber } from "../promises.ts";
import type { ProcessFacts } from "./core-facts.ts";
import type { WorldFacts } from "./core-invariants.ts";
import type { CoreState } from "./core-model.ts";
import type { CoreModelOptions } from "./options.ts";

const TWO_PHASE = "refinement: every step is one of TwoPhase, several of them, or none";
const T_COMMIT = "refinement: every step is one of TCommit, several of them, or none";

export const REFINEMENT: Readonly<Record<string, readonly PromiseNumber[]>> = {
  [TWO_PHASE]: ["I1", "I2", "I4", "I16"],
  [T_COMMIT]: ["I1", "I4", "I16"],
};

/** What a model refines, and how much of it was met so far. */
export interface Refinement {
  readonly of: "two-phase" | "t-commit";
  readonly stepInvariant: StepInvariant<CoreState>;
  covered(): { readonly states: number; readonly all: number };
}

/**
 * What such a cluster refines. The plain path is TwoPhase's; where a participant may hear of an abort from its peers, or
 * decides alone, or there are several transactions, it is TCommit's; an operator's decisions are excepted.
 */
export function plainRefinement(options: CoreModelOptions): CoreModelOptions["refines"] {
  const { participants, readers, coordinators, beginsMax, attemptsMax } = options;
  const { crashesMax, crashing, cutsMax, resolvesMax } = options;
  if (resolvesMax > 0 || participants === readers) return null;
  const hearsPeers = cutsMax > 0 || (crashesMax > 0 && crashing === "everybody");
  const isOne = coordinators === 1 && beginsMax === 1 && attemptsMax === 1;
  return participants > 1 && readers === 0 && isOne && !hearsPeers ? "two-phase" : "t-commit";
}

/** Whom a refinement is about: who only reads has no state that lasts. */
interface Options {
  readonly updaters: readonly string[];
  facts(state: CoreState): WorldFacts;
}

/**
 * The plain path, one transaction: what is on disk stands for `rmState` and `tmState`, and a coordinator that has forgotten
 * without a commit on disk has aborted. `heardIn` is the history of the votes that the coordinator has counted.
 */
export function refineTwoPhase(options: Options & { heardIn(state: CoreState): number }): Refinement {
  const { updaters, facts, heardIn } = options;
  const reachability = reachabilityOf(twoPhaseModel(updaters.length));
  const met = new Set<number>();
  const idOf = lastRemembered((state: CoreState): number => {
    const world = facts(state);
    const rms = rmsOf(world, updaters);
    const rmState = rms.map((rm) => rmStateOf(rm, -1));
    const prepared = rms.reduce((all, rm, at) => all | (rm.prepared === 0 ? 0 : 1 << at), 0);
    const tmState = tmStateOf(world);
    const key = keyOfTwoPhase({
      rmState,
      tmState,
      tmPrepared: heardIn(state),
      msgs: { prepared, commit: tmState === "committed", abort: tmState === "aborted" },
    });
    return meet(reachability, met, key);
  });
  return {
    of: "two-phase",
    stepInvariant: {
      name: TWO_PHASE,
      holds: (before, after) => reachability.leads(idOf(before), idOf(after)),
    },
    covered: () => ({ states: met.size, all: reachability.size }),
  };
}

/** Any path but heuristics: each transaction by itself, by what is on disk. */
export function refineTCommit({ updaters, facts }: Options): Refinement {
  const reachability = reachabilityOf(tCommitModel(updaters.length));
  const met = new Set<number>();
  const rms = lastRemembered((state: CoreState) => rmsOf(facts(state), updaters));
  const idOf = (processes: readonly ProcessFacts[], transaction: number) =>
    meet(reachability, met, keyOfRmStates(processes.map((rm) => rmStateOf(rm, transaction))));
  return {
    of: "t-commit",
    stepInvariant: {
      name: T_COMMIT,
      holds(before, after) {
        const [old, now] = [rms(before), rms(after)];
        // What is on disk stays there: so what has changed is among what is there now.
        const changed = now.reduce((all, rm, at) => (rm === old[at] ? all : all | onDisk(rm)), 0);
        for (let left = changed; left !== 0; left &= left - 1) {
          const transaction = left & -left;
          if (!reachability.leads(idOf(old, transaction), idOf(now, transaction))) return false;
        }
        return true;
      },
    },
    covered: () => ({ states: met.size, all: reachability.size }),
  };
}

/** The votes that count, given those before: what the coordinator has in mind, and what it had when it gave up. */
export function heardAfter(world: WorldFacts, updaters: readonly string[], before: number): number {
  switch (tmStateOf(world)) {
    case "init": {
      const heard = world.coordinators[0]?.heard ?? {};
      return updaters.reduce((all, name, at) => all | (heard[name] ? 1 << at : 0), 0);
    }
    case "committed":
      return 2 ** updaters.length - 1;
    case "aborted":
      return before;
  }
}

function tmStateOf({ coordinators }: WorldFacts): "init" | "committed" | "aborted" {
  const [coordinator] = coordinators;
  if (!coordinator) return "init";
  if (coordinator.decided !== 0) return "committed";
  return coordinator.open !== 0 || !coordinator.hasBegun ? "init" : "aborted";
}

function rmsOf({ participants }: WorldFacts, updaters: readonly string[]): ProcessFacts[] {
  return participants.flatMap(([name, facts]) => (updaters.includes(name) ? [facts] : []));
}

function rmStateOf(rm: ProcessFacts, transactions: number): RmState {
  if (rm.committedOnDisk & transactions) return "committed";
  if (rm.abortedOnDisk & transactions) return "aborted";
  return rm.prepared & transactions ? "prepared" : "working";
}

function onDisk({ prepared, committedOnDisk, abortedOnDisk }: ProcessFacts): number {
  return prepared | committedOnDisk | abortedOnDisk;
}

/** −1 is a state that leads nowhere and is reached from none. */
function meet(reachability: Reachability, met: Set<number>, key: number): number {
  const id = reachability.idOf(key) ?? -1;
  if (id >= 0) met.add(id);
  return id;
}

/** A state is looked at once as the one after, and many times in a row as the one before. */
function lastRemembered<Result>(compute: (state: CoreState) => Result): (state: CoreState) => Result {
  interface Known {
    readonly state: CoreState;
    readonly result: Result;
  }
  let [newest, older]: (Known | null)[] = [null, null];
  return (state) => {
    if (newest?.state === state) return newest.result;
    const known = older?.state === state ? older : { state, result: compute(state) };
    [newest, older] = [known, newest ?? null];
    return known.result;
  };
}
