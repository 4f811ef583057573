import { TpcError } from "../core/errors.ts";
import { type CheckedCoreModel, coreModel } from "../sim/core-model/core-model.ts";
import { type CoreModelOptions, SMALL_CLUSTER } from "../sim/core-model/options.ts";
import { plainRefinement } from "../sim/core-model/refinement.ts";

/** What may be said of the core alone, as the command line has it. */
export interface CoreBounds {
  readonly crashes?: number;
  readonly crashing?: CoreModelOptions["crashing"];
  readonly cuts?: number;
  readonly resolves?: number;
  readonly checkpoints?: number;
  readonly readers?: number;
  readonly coordinators?: number;
  readonly joint?: boolean;
  readonly begins?: number;
  readonly attempts?: number;
  readonly refusals?: CoreModelOptions["refusals"];
  readonly failures?: boolean;
  readonly timers?: CoreModelOptions["timers"];
  readonly writeBack?: boolean;
  readonly lyingDisk?: CoreModelOptions["lies"][number];
  readonly unreduced?: boolean;
}

/** More have as many orders of names as nobody wants to compare. */
const PARTICIPANTS_MAX = 4;

const FLAGS: Readonly<Record<keyof CoreBounds, string>> = {
  crashes: "--crashes",
  crashing: "--crashing",
  cuts: "--cuts",
  resolves: "--resolves",
  checkpoints: "--checkpoints",
  readers: "--readers",
  coordinators: "--coordinators",
  joint: "--joint",
  begins: "--begins",
  attempts: "--attempts",
  refusals: "--refusals",
  failures: "--failures",
  timers: "--timers",
  writeBack: "--write-back",
  lyingDisk: "--lying-disk",
  unreduced: "--unreduced",
};

/** Throws TPC_USAGE where something was said that another model knows nothing of. */
export function checkCoreBounds(model: string, bounds: CoreBounds): void {
  for (const [key, flag] of Object.entries(FLAGS)) {
    if (model !== "core" && bounds[key as keyof CoreBounds] !== undefined) {
      throw new TpcError("TPC_USAGE", `${flag} is of --model core, and this is ${model}`);
    }
  }
}

/** The model that was asked for, with every check that applies to it. Throws TPC_USAGE where there is no such cluster. */
export function coreModelOf(participants: number, bounds: CoreBounds): CheckedCoreModel {
  const { readers = 0, coordinators = 1, joint = false, begins = 1, attempts = 1 } = bounds;
  if (participants > PARTICIPANTS_MAX)
    throw usage(`the core has ${participants} participants here: 1 to ${PARTICIPANTS_MAX}`);
  if (readers > participants) throw usage(`${readers} readers of ${participants} participants`);
  if (joint && coordinators > participants) {
    throw usage(
      `${coordinators} coordinators of ${participants} participants, which --joint takes them from`,
    );
  }
  if (begins === 0 || attempts === 0) throw usage("without --begins and --attempts nothing happens: 1 to 3");
  const options: CoreModelOptions = {
    ...SMALL_CLUSTER,
    participants,
    coordinators,
    isJoint: joint,
    beginsMax: begins,
    attemptsMax: attempts,
    crashesMax: bounds.crashes ?? 0,
    crashing: bounds.crashing ?? "everybody",
    cutsMax: bounds.cuts ?? 0,
    resolvesMax: bounds.resolves ?? 0,
    checkpointsMax: bounds.checkpoints ?? 0,
    readers,
    refusals: bounds.refusals ?? ["no"],
    mayFail: bounds.failures ?? false,
    timers: bounds.timers ?? "all",
    writesBack: bounds.writeBack ?? false,
    lies: bounds.lyingDisk ? [bounds.lyingDisk] : [],
    isReduced: bounds.unreduced !== true,
    checksSettling: true,
  };
  return coreModel({ ...options, refines: plainRefinement(options) });
}

function usage(text: string): TpcError {
  return new TpcError("TPC_USAGE", text);
}
