import type { StepInvariant } from "../explore/model.ts";
import { type Reachability, reachabilityOf } from "../explore/reachability.ts";
import { lastRemembered, rememberById } from "../explore/remember.ts";
import { keyOf as keyOfRmStates, type RmState, tCommitModel } from "../explore/t-commit-model.ts";
import { keyOf as keyOfTwoPhase, twoPhaseModel } from "../explore/two-phase-model.ts";
import type { PromiseNumber } from "../promises.ts";
import type { ProcessFacts } from "./core-facts.ts";
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

/** Whom a refinement is about: the places of those who update; who only reads has no state that lasts. */
interface Options {
  readonly updaters: readonly number[];
  processFacts(process: number): ProcessFacts;
}

interface PlainOptions extends Options {
  readonly coordinatorAt: number;
  readonly heardAt: number;
}

/**
 * The plain path, one transaction: what is on disk stands for `rmState` and `tmState`, and a coordinator that has forgotten
 * without a commit on disk has aborted. At `heardAt` stands the history of the votes that the coordinator has counted.
 */
export function refineTwoPhase({ updaters, processFacts, coordinatorAt, heardAt }: PlainOptions): Refinement {
  const reachability = reachabilityOf(twoPhaseModel(updaters.length));
  const met = new Set<number>();
  const rmOf = rememberById((process) => {
    const facts = processFacts(process);
    return { rmState: rmStateOf(facts, -1), isPrepared: facts.prepared !== 0 };
  });
  const tmOf = rememberById((process) => tmStateOf(processFacts(process)));
  const idOf = lastRemembered((state: CoreState): number => {
    const rms = updaters.map((at) => rmOf(state[at] ?? 0));
    const tmState = tmOf(state[coordinatorAt] ?? 0);
    const prepared = rms.reduce((all, { isPrepared }, at) => all | (isPrepared ? 1 << at : 0), 0);
    const key = keyOfTwoPhase({
      rmState: rms.map(({ rmState }) => rmState),
      tmState,
      tmPrepared: state[heardAt] ?? 0,
      msgs: { prepared, commit: tmState === "committed", abort: tmState === "aborted" },
    });
    return meet(reachability, met, key);
  });
  const isConcerned = (at: number): boolean =>
    at === heardAt || at === coordinatorAt || updaters.includes(at);
  return {
    of: "two-phase",
    stepInvariant: {
      name: TWO_PHASE,
      holds: (before, after) =>
        after.every((id, at) => id === before[at] || !isConcerned(at)) ||
        reachability.leads(idOf(before), idOf(after)),
    },
    covered: () => ({ states: met.size, all: reachability.size }),
  };
}

/** Any path but heuristics: each transaction by itself, by what is on disk. */
export function refineTCommit({ updaters, processFacts }: Options): Refinement {
  const reachability = reachabilityOf(tCommitModel(updaters.length));
  const met = new Set<number>();
  const idOf = (state: CoreState, transaction: number) =>
    meet(
      reachability,
      met,
      keyOfRmStates(updaters.map((at) => rmStateOf(processFacts(state[at] ?? 0), transaction))),
    );
  return {
    of: "t-commit",
    stepInvariant: {
      name: T_COMMIT,
      holds(before, after) {
        // What is on disk stays there: so what has changed is among what is there now.
        let changed = 0;
        for (const at of updaters) {
          const id = after[at] ?? 0;
          if (id !== before[at] && processFacts(id) !== processFacts(before[at] ?? 0))
            changed |= onDisk(processFacts(id));
        }
        for (let left = changed; left !== 0; left &= left - 1) {
          const transaction = left & -left;
          if (!reachability.leads(idOf(before, transaction), idOf(after, transaction))) return false;
        }
        return true;
      },
    },
    covered: () => ({ states: met.size, all: reachability.size }),
  };
}

/** The votes that count, given those before: what the coordinator has in mind, and what it had when it gave up. */
export function heardAfter(coordinator: ProcessFacts, updaters: readonly string[], before: number): number {
  switch (tmStateOf(coordinator)) {
    case "init":
      return updaters.reduce((all, name, at) => all | (coordinator.heard[name] ? 1 << at : 0), 0);
    case "committed":
      return 2 ** updaters.length - 1;
    case "aborted":
      return before;
  }
}

function tmStateOf({ decided, open, hasBegun }: ProcessFacts): "init" | "committed" | "aborted" {
  if (decided !== 0) return "committed";
  return open !== 0 || !hasBegun ? "init" : "aborted";
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
