import type { CheckedCoreModel } from "../sim/core-model/core-model.ts";
import type { Extent } from "../sim/explore/explorer.ts";
import { type MemoryEnd, memoryPeakMiB } from "./explore-memory.ts";
import { type Column, textTable } from "./table.ts";

/** What came of an exploration, or of as much of it as there was time for. */
export interface Found extends Extent {
  /** Null where every state was visited; otherwise why not. */
  readonly incomplete: "a violation" | "--states-max" | "a signal" | MemoryEnd | null;
  /** What must be found; null where nobody has counted it, or not all was visited. */
  readonly closedForm: Extent | null;
  readonly violations: readonly Broken[];
  readonly seconds: number;
  /** Of the core: how much of the published model was met, and how its states settle. */
  readonly more?: ReturnType<typeof moreOf>;
}

export interface Broken {
  readonly invariant: string;
  readonly trace: readonly string[];
  /** Of the core: which promises it guards. */
  readonly promises?: readonly string[];
  /** The same as a golden trace, played by production nodes. */
  readonly story?: string;
}

/** What was asked for. */
export interface Asked {
  readonly model: string;
  readonly participants: number;
  readonly statesMax?: number;
  /** MiB. */
  readonly memoryMax?: number;
}

export function moreOf({ refinement, settling }: CheckedCoreModel) {
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

export function jsonOf({ model, participants, statesMax }: Asked, found: Found): string {
  const { distinctStates, generatedStates, depth, violations, more, incomplete } = found;
  // Where nothing bounded it there is nothing to say: only a violation ends it early.
  const isEnded = incomplete !== null && incomplete !== "a violation";
  const isBounded = statesMax !== undefined || isEnded;
  return JSON.stringify(
    {
      model,
      participants,
      distinctStates,
      generatedStates,
      depth,
      statesPerSecond: statesPerSecond(found),
      ...(isBounded ? { isComplete: incomplete === null } : {}),
      ...(isEnded ? { endedBy: incomplete } : {}),
      ...more,
      ...(more ? { memoryPeakMiB: memoryPeakMiB() } : {}),
      violations,
    },
    null,
    2,
  );
}

export function textOf({ model, participants }: Asked, found: Found): string {
  const { closedForm, more, violations, incomplete } = found;
  const lines = [
    `${model} with ${participants} participant${participants === 1 ? "" : "s"}`,
    textTable(COLUMNS, rowsOf(found, closedForm), ""),
    ...(more ? linesOf(more) : []),
    ...violations.map(violationText),
  ];
  const speed = `${statesPerSecond(found)} states a second, ${memoryPeakMiB()} MiB at most`;
  if (violations.length === 0 && incomplete === null) lines.push(`every invariant holds; ${speed}`);
  if (violations.length === 0 && incomplete !== null)
    lines.push(
      `not complete, ended by ${incomplete}: every invariant holds in these states, the nearest of more; ${speed}`,
    );
  if (violations.length === 0 && incomplete === "the limit of Node's heap")
    lines.push("NODE_OPTIONS=--max-old-space-size=MIB gives it more");
  return lines.join("\n");
}

/** One line while it goes on. */
export function progressOf(extent: Extent, seconds: number): string {
  const { distinctStates, generatedStates, depth } = extent;
  const memory = Math.round(process.memoryUsage.rss() / 2 ** 20);
  const speed = statesPerSecond({ distinctStates, seconds });
  return `${distinctStates} states, ${generatedStates} generated, depth ${depth}; ${speed} states a second, ${memory} MiB`;
}

function statesPerSecond({ distinctStates, seconds }: Pick<Found, "distinctStates" | "seconds">): number {
  return Math.round(distinctStates / seconds);
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

/** True where nobody has counted, or as many were found. */
export function isAsCounted({ closedForm, ...found }: Found): boolean {
  return closedForm === null || rowsOf(found, closedForm).every((row) => row.found === row.counted);
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
