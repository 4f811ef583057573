import { coreModel, SMALL_CLUSTER } from "../sim/core-model/core-model.ts";
import { type Exploration, type Extent, explore } from "../sim/explore/explorer.ts";
import { tCommitClosedForm, tCommitModel } from "../sim/explore/t-commit-model.ts";
import { canaryModel, twoPhaseClosedForm, twoPhaseModel } from "../sim/explore/two-phase-model.ts";
import { type Column, textTable } from "./table.ts";

interface Bounds {
  readonly participants: number;
  readonly crashes: number;
  readonly statesMax?: number;
}

interface Explorable {
  explore(bounds: Bounds): Exploration<unknown>;
  /** What must be found; null where nobody has counted it. */
  closedForm(participants: number): Extent | null;
}

const MODELS = {
  "two-phase": {
    explore: ({ participants, ...options }) => explore(twoPhaseModel(participants), options),
    closedForm: twoPhaseClosedForm,
  },
  "t-commit": {
    explore: ({ participants, ...options }) => explore(tCommitModel(participants), options),
    closedForm: tCommitClosedForm,
  },
  core: {
    explore: ({ participants, crashes, ...options }) =>
      explore(coreModel({ ...SMALL_CLUSTER, participants, crashesMax: crashes, refusals: ["no"] }), options),
    closedForm: () => null,
  },
  canary: {
    explore: ({ participants, ...options }) => explore(canaryModel(participants), options),
    closedForm: () => null,
  },
} as const satisfies Record<string, Explorable>;

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
  const startedAtMs = performance.now();
  const exploration = MODELS[model].explore(options);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const { distinctStates, generatedStates, depth } = exploration;
  const statesPerSecond = Math.round(distinctStates / seconds);
  const violations = exploration.violations.map(({ invariant, trace }) => ({
    invariant,
    trace: trace.map(({ label }) => label),
  }));
  const closedForm = exploration.isComplete ? MODELS[model].closedForm(participants) : null;
  const isAsCounted = closedForm === null || isEqual(exploration, closedForm);
  if (options.json) {
    const extent = { distinctStates, generatedStates, depth, statesPerSecond };
    // Without a bound there is nothing to say: only a violation ends it early.
    const bound = options.statesMax === undefined ? {} : { isComplete: exploration.isComplete };
    const report = { model, participants, ...extent, ...bound, violations };
    print(JSON.stringify(report, null, 2));
  } else {
    print(`${model} with ${participants} participant${participants === 1 ? "" : "s"}`);
    print(textTable(COLUMNS, rowsOf(exploration, closedForm), ""));
    for (const violation of violations) print(violationText(violation));
    if (violations.length === 0) {
      const where = exploration.isComplete ? "" : " in these states, the nearest of more";
      print(`every invariant holds${where}; ${statesPerSecond} states a second`);
    }
  }
  if (!isAsCounted) process.stderr.write("the numbers differ from the closed form\n");
  return violations.length === 0 && isAsCounted ? 0 : 1;
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

function violationText(violation: { readonly invariant: string; readonly trace: readonly string[] }): string {
  const steps = violation.trace.map((label, index) => `  ${String(index + 1).padStart(3)}  ${label}`);
  return [`broken: ${violation.invariant}`, ...steps].join("\n");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
