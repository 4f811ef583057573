import type { CheckedCoreModel, CoreAction, CoreState } from "../sim/core-model/core-model.ts";
import { GUARDS } from "../sim/core-model/guards.ts";
import { tellStory } from "../sim/core-model/story.ts";
import { type Exploration, type Extent, explore } from "../sim/explore/explorer.ts";
import { tCommitClosedForm, tCommitModel } from "../sim/explore/t-commit-model.ts";
import { canaryModel, twoPhaseClosedForm, twoPhaseModel } from "../sim/explore/two-phase-model.ts";
import type { Violation } from "../sim/explore/violation.ts";
import { type CoreBounds, checkCoreBounds, coreModelOf } from "./explore-core.ts";
import { type Column, textTable } from "./table.ts";

interface Bounds extends CoreBounds {
  readonly participants: number;
  readonly statesMax?: number;
}

/** What was found, with what only some models know. */
interface Found {
  readonly exploration: Exploration<unknown>;
  /** What must be found; null where nobody has counted it. */
  readonly closedForm: Extent | null;
  readonly violations: readonly Broken[];
  /** Of the core: how much of the published model was met, and how its states settle. */
  readonly more?: ReturnType<typeof moreOf>;
}

interface Broken {
  readonly invariant: string;
  readonly trace: readonly string[];
  /** Of the core: which promises it guards. */
  readonly promises?: readonly string[];
  /** The same as a golden trace, played by production nodes. */
  readonly story?: string;
}

const MODELS = {
  "two-phase": (bounds) => {
    const exploration = explore(twoPhaseModel(bounds.participants), bounds);
    return found(exploration, twoPhaseClosedForm(bounds.participants));
  },
  "t-commit": (bounds) => {
    const exploration = explore(tCommitModel(bounds.participants), bounds);
    return found(exploration, tCommitClosedForm(bounds.participants));
  },
  core: (bounds) => {
    const model = coreModelOf(bounds.participants, bounds);
    const exploration = explore(model, bounds);
    const violations = exploration.violations.map((violation) => storyOf(model, violation));
    return { ...found(exploration, null), violations, more: moreOf(model) };
  },
  canary: (bounds) => found(explore(canaryModel(bounds.participants), bounds), null),
} as const satisfies Record<string, (bounds: Bounds) => Found>;

function found(exploration: Exploration<unknown>, closedForm: Extent | null): Found {
  const violations = exploration.violations.map(({ invariant, trace }) => ({
    invariant,
    trace: trace.map(({ label }) => label),
  }));
  return { exploration, closedForm: exploration.isComplete ? closedForm : null, violations };
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

function moreOf({ refinement, settling }: CheckedCoreModel) {
  return {
    refinement: refinement ? { of: refinement.of, ...refinement.covered() } : null,
    settling: settling?.extent() ?? null,
  };
}

interface Row {
  readonly what: string;
  readonly found: number;
  readonly counted: number | undefined;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "STATES", align: "left", cell: ({ what }) => what },
  { title: "FOUND", align: "right", cell: ({ found }) => String(found) },
  { title: "CLOSED FORM", align: "right", cell: ({ counted }) => String(counted ?? "none") },
];

/**
 * Explores a model and prints its extent beside the closed form. Returns 0, or 1 when an invariant is broken or the
 * numbers differ.
 */
export async function exploreModel(
  options: Bounds & { readonly model: keyof typeof MODELS; readonly json?: boolean },
): Promise<number> {
  const { model, participants } = options;
  checkCoreBounds(model, options);
  const startedAtMs = performance.now();
  const result: Found = MODELS[model](options);
  const { exploration, closedForm, violations, more } = result;
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const { distinctStates, generatedStates, depth } = exploration;
  const statesPerSecond = Math.round(distinctStates / seconds);
  const isAsCounted = closedForm === null || isEqual(exploration, closedForm);
  if (options.json) {
    const extent = { distinctStates, generatedStates, depth, statesPerSecond };
    // Without a bound there is nothing to say: only a violation ends it early.
    const bound = options.statesMax === undefined ? {} : { isComplete: exploration.isComplete };
    const report = { model, participants, ...extent, ...bound, ...more, violations };
    print(JSON.stringify(report, null, 2));
  } else {
    print(`${model} with ${participants} participant${participants === 1 ? "" : "s"}`);
    print(textTable(COLUMNS, rowsOf(exploration, closedForm), ""));
    if (more) for (const line of linesOf(more)) print(line);
    for (const violation of violations) print(violationText(violation));
    if (violations.length === 0) {
      const where = exploration.isComplete ? "" : " in these states, the nearest of more";
      print(`every invariant holds${where}; ${statesPerSecond} states a second`);
    }
  }
  if (!isAsCounted) process.stderr.write("the numbers differ from the closed form\n");
  return violations.length === 0 && isAsCounted ? 0 : 1;
}

function linesOf({ refinement, settling }: NonNullable<Found["more"]>): string[] {
  const lines: string[] = [];
  if (refinement) {
    const name = refinement.of === "two-phase" ? "TwoPhase" : "TCommit";
    lines.push(
      `its steps are steps of ${name}, of whose ${refinement.all} states it meets ${refinement.states}`,
    );
  }
  if (settling && settling.starts > 0) {
    const { starts, stepsMax, millisecondsMax } = settling;
    lines.push(
      `left in peace, each of ${starts} clusters settles, in ${stepsMax} steps and ${millisecondsMax} ms at most`,
    );
  }
  return lines;
}

function isEqual(found: Extent, counted: Extent): boolean {
  return rowsOf(found, counted).every((row) => row.found === row.counted);
}

function rowsOf(found: Extent, counted: Extent | null): Row[] {
  return [
    { what: "distinct", found: found.distinctStates, counted: counted?.distinctStates },
    { what: "generated", found: found.generatedStates, counted: counted?.generatedStates },
    { what: "depth", found: found.depth, counted: counted?.depth },
  ];
}

/** A story is kept as it is; where there is none, the steps. */
function violationText({ invariant, trace, story }: Broken): string {
  if (story !== undefined) return `broken: ${invariant}\n\n${story.trimEnd()}`;
  const steps = trace.map((label, index) => `  ${String(index + 1).padStart(3)}  ${label}`);
  return [`broken: ${invariant}`, ...steps].join("\n");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
