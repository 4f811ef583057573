import { type CheckedCoreModel, coreModel } from "../../src/sim/core-model/core-model.ts";
import { GUARDS } from "../../src/sim/core-model/guards.ts";
import { type CoreModelOptions, SMALL_CLUSTER } from "../../src/sim/core-model/options.ts";
import { plainRefinement } from "../../src/sim/core-model/refinement.ts";
import { explore } from "../../src/sim/explore/explorer.ts";
import type { PromiseNumber } from "../../src/sim/promises.ts";
import type { Catcher } from "./catcher.ts";

interface Cluster {
  readonly what: string;
  readonly options: Partial<CoreModelOptions>;
  readonly statesMax?: number;
}

const STATES_MAX = 60_000;
const anything = { refusals: ["no", "busy"], mayFail: true } as const;

/** Small clusters, the cheapest first. */
const CLUSTERS: readonly Cluster[] = [
  { what: "one participant alone decides", options: { participants: 1, ...anything } },
  { what: "nothing goes wrong", options: { timers: "patient" } },
  { what: "one alone decides, a crash", options: { participants: 1, refusals: ["no"], crashesMax: 1 } },
  {
    what: "a checkpoint and a crash",
    options: { participants: 1, refusals: ["no"], crashesMax: 1, checkpointsMax: 1 },
  },
  {
    what: "a link is cut, and an operator",
    options: { cutsMax: 1, resolvesMax: 1, refusals: ["no"], timers: "none" },
  },
  { what: "all vote yes", options: {} },
  { what: "one only reads", options: { readers: 1, ...anything } },
  {
    what: "two coordinators",
    options: { coordinators: 2, attemptsMax: 2, timers: "none" },
    statesMax: 15_000,
  },
  { what: "a crash at every point", options: { refusals: ["no"], crashesMax: 1 } },
  { what: "a link is cut, and a crash", options: { cutsMax: 1, crashesMax: 1, timers: "none" } },
];

/** The explorer on each of some small clusters, with all that it can check of states, steps and paths. */
export const EXPLORERS: readonly Catcher[] = CLUSTERS.map((cluster) => ({
  name: `explorer: ${cluster.what}`,
  run: async () => foundIn(cluster, modelOf(cluster)),
}));

/** The explorer on one cluster after the other, where only what guards that promise is heeded. */
export function explorerHeeding(promise: PromiseNumber): Catcher {
  return exploring(`explorer heeding ${promise}`, (name) => GUARDS[name]?.includes(promise) === true);
}

/** The same, where only one check is heeded. */
export function explorerChecking(check: string): Catcher {
  return exploring(`explorer checking ${check}`, (name) => name === check);
}

function exploring(name: string, isHeeded: (check: string) => boolean): Catcher {
  return {
    name,
    async run() {
      for (const cluster of CLUSTERS) {
        const found = foundIn(cluster, heeding(modelOf(cluster), isHeeded));
        if (found !== null) return `${found}, ${cluster.what}`;
      }
      return null;
    },
  };
}

function modelOf({ options }: Cluster): CheckedCoreModel {
  const all = { ...SMALL_CLUSTER, crashesMax: 0, checksSettling: true, ...options };
  return coreModel({ ...all, refines: plainRefinement(all) });
}

function heeding(model: CheckedCoreModel, isHeeded: (check: string) => boolean): CheckedCoreModel {
  return {
    ...model,
    invariants: model.invariants.filter(({ name }) => isHeeded(name)),
    stepInvariants: (model.stepInvariants ?? []).filter(({ name }) => isHeeded(name)),
    *actions(state) {
      for (const action of model.actions(state)) {
        const broken = action.broken?.filter(isHeeded);
        yield broken === undefined ? action : { ...action, broken };
      }
    },
  };
}

function foundIn({ statesMax = STATES_MAX }: Cluster, model: CheckedCoreModel): string | null {
  const [violation] = explore(model, { statesMax }).violations;
  return violation ? `${violation.invariant} (${violation.trace.length} steps)` : null;
}
