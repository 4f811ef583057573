import { type Exploration, type Extent, explore } from "../sim/explorer.ts";
import { tCommitClosedForm, tCommitModel } from "../sim/t-commit-model.ts";
import { canaryModel, twoPhaseClosedForm, twoPhaseModel } from "../sim/two-phase-model.ts";
import { type Column, textTable } from "./table.ts";

interface Explorable {
  explore(participants: number): Exploration<unknown>;
  /** What must be found; null where nobody has counted it. */
  closedForm(participants: number): Extent | null;
}

const MODELS = {
  "two-phase": {
    explore: (participants) => explore(twoPhaseModel(participants)),
    closedForm: twoPhaseClosedForm,
  },
  "t-commit": {
    explore: (participants) => explore(tCommitModel(participants)),
    closedForm: tCommitClosedForm,
  },
  canary: { explore: (participants) => explore(canaryModel(participants)), closedForm: () => null },
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
export async function exploreModel(options: {
  readonly model: keyof typeof MODELS;
  readonly participants: number;
  readonly json?: boolean;
}): Promise<number> {
  const { model, participants } = options;
  const startedAtMs = performance.now();
  const exploration = MODELS[model].explore(participants);
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const { distinctStates, generatedStates, depth } = exploration;
  const statesPerSecond = Math.round(distinctStates / seconds);
  const violations = exploration.violations.map(({ invariant, trace }) => ({
    invariant,
    trace: trace.map(({ label }) => label),
  }));
  const closedForm = MODELS[model].closedForm(participants);
  const isAsCounted = closedForm === null || isEqual(exploration, closedForm);
  if (options.json) {
    const report = {
      model,
      participants,
      distinctStates,
      generatedStates,
      depth,
      statesPerSecond,
      violations,
    };
    print(JSON.stringify(report, null, 2));
  } else {
    print(`${model} with ${participants} participant${participants === 1 ? "" : "s"}`);
    print(textTable(COLUMNS, rowsOf(exploration, closedForm), ""));
    for (const violation of violations) print(violationText(violation));
    if (violations.length === 0) print(`every invariant holds; ${statesPerSecond} states a second`);
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
