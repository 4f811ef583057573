import type { CheckedCoreModel, CoreAction, CoreState } from "../sim/core-model/core-model.ts";
import { GUARDS } from "../sim/core-model/guards.ts";
import { tellStory } from "../sim/core-model/story.ts";
import { type Exploration, type Extent, exploreInPieces } from "../sim/explore/explorer.ts";
import type { Action, Model } from "../sim/explore/model.ts";
import { tCommitClosedForm, tCommitModel } from "../sim/explore/t-commit-model.ts";
import { canaryModel, twoPhaseClosedForm, twoPhaseModel } from "../sim/explore/two-phase-model.ts";
import type { Violation } from "../sim/explore/violation.ts";
import { onEndSignals } from "./end-signals.ts";
import { type CoreBounds, checkCoreBounds, coreModelOf } from "./explore-core.ts";
import { createMemoryGauge } from "./explore-memory.ts";
import {
  type Asked,
  type Broken,
  type Found,
  isAsCounted,
  jsonOf,
  moreOf,
  progressOf,
  textOf,
} from "./explore-report.ts";

interface Bounds extends CoreBounds, Omit<Asked, "model"> {}

/** Walks a model. `heard` is told how far it has come, again and again; what it then finds is told by `tell`. */
type Walk = (bounds: Bounds, watch: Watch) => Promise<void>;

interface Watch {
  onExtent(extent: Extent, of: Pick<Found, "more">): void;
  onEnd(found: Omit<Found, "seconds">): void;
}

const MODELS = {
  "two-phase": (bounds, watch) =>
    walkPlain(twoPhaseModel(bounds.participants), twoPhaseClosedForm(bounds.participants), bounds, watch),
  "t-commit": (bounds, watch) =>
    walkPlain(tCommitModel(bounds.participants), tCommitClosedForm(bounds.participants), bounds, watch),
  core: async (bounds, watch) => {
    const model = coreModelOf(bounds.participants, bounds);
    const exploration = await walk(model, bounds, (extent) =>
      watch.onExtent(extent, { more: moreOf(model) }),
    );
    const violations = exploration.violations.map((violation) => storyOf(model, violation));
    watch.onEnd({ ...exploration, closedForm: null, violations, more: moreOf(model) });
  },
  canary: (bounds, watch) => walkPlain(canaryModel(bounds.participants), null, bounds, watch),
} as const satisfies Record<string, Walk>;

async function walkPlain<State>(
  model: Model<State>,
  closedForm: Extent | null,
  bounds: Bounds,
  watch: Watch,
): Promise<void> {
  const exploration = await walk(model, bounds, (extent) => watch.onExtent(extent, {}));
  const violations = exploration.violations.map(({ invariant, trace }) => ({
    invariant,
    trace: trace.map(({ label }) => label),
  }));
  const isCounted = exploration.incomplete === null;
  watch.onEnd({ ...exploration, closedForm: isCounted ? closedForm : null, violations });
}

type Walked<State, Step extends Action<State>> = Omit<Exploration<State, Step>, "isComplete"> &
  Pick<Found, "incomplete">;

/** Leaves room between the pieces for signals, and ends at the one after which too much memory is held. */
async function walk<State, Step extends Action<State>>(
  model: Model<State, Step>,
  bounds: Bounds,
  onExtent: (extent: Extent) => void,
): Promise<Walked<State, Step>> {
  const pieces = exploreInPieces(model, bounds);
  const memoryEnd = createMemoryGauge(bounds.memoryMax);
  for (;;) {
    const piece = pieces.next();
    if (piece.done) {
      const { isComplete, ...found } = piece.value;
      const why = found.violations.length > 0 ? "a violation" : "--states-max";
      return { ...found, incomplete: isComplete ? null : why };
    }
    onExtent(piece.value);
    const incomplete = memoryEnd();
    if (incomplete !== null) return { ...piece.value, violations: [], incomplete };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function storyOf(model: CheckedCoreModel, { invariant, trace }: Violation<CoreState, CoreAction>): Broken {
  const { text, differences } = tellStory(model, `Broken: ${invariant}.`, trace);
  const how = trace.map(({ state }) => model.settling?.how(state)).find((words) => words);
  const notes = [...(how ? [how] : []), ...differences].map((note) => `# ${note}\n`).join("");
  return {
    invariant,
    promises: GUARDS[invariant] ?? [],
    trace: trace.map(({ label }) => label),
    story: `${text}${notes && `\n${notes}`}`,
  };
}

const PROGRESS_MS = 2_000;

/**
 * Explores a model and prints its extent beside the closed form. Returns 0, or 1 when an invariant is broken or the
 * numbers differ. A signal prints how far it came, and ends the process with 128 and the signal's number.
 */
export async function exploreModel(
  options: Bounds & { readonly model: keyof typeof MODELS; readonly json?: boolean },
): Promise<number> {
  const { model } = options;
  checkCoreBounds(model, options);
  const startedAtMs = performance.now();
  const seconds = () => (performance.now() - startedAtMs) / 1_000;
  const tell = (found: Found) =>
    process.stdout.write(`${(options.json ? jsonOf : textOf)(options, found)}\n`);
  let soFar: Found | null = null;
  let toldAtMs = startedAtMs;
  const stopListening = onEndSignals(async () => {
    if (soFar) tell(soFar);
  });
  let status = 0;
  try {
    await MODELS[model](options, {
      onExtent(extent, more) {
        soFar = {
          ...extent,
          ...more,
          incomplete: "a signal",
          closedForm: null,
          violations: [],
          seconds: seconds(),
        };
        if (performance.now() - toldAtMs < PROGRESS_MS) return;
        toldAtMs = performance.now();
        process.stderr.write(`${progressOf(extent, seconds())}\n`);
      },
      onEnd(found) {
        const all = { ...found, seconds: seconds() };
        tell(all);
        if (!isAsCounted(all)) process.stderr.write("the numbers differ from the closed form\n");
        status = all.violations.length === 0 && isAsCounted(all) ? 0 : 1;
      },
    });
  } finally {
    stopListening();
  }
  return status;
}
