import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argumentsOf, LONG_RUNS } from "./long-runs.ts";

/** What came of a long run: how far it went, and what ended it, null where nothing was left to visit. */
export interface Extent {
  /** What it was asked for; where a run is asked for something else by now, it says nothing of it. */
  readonly asked: string;
  readonly distinctStates: number;
  readonly generatedStates: number;
  readonly depth: number;
  readonly statesPerSecond: number;
  /** MiB. */
  readonly memoryPeakMiB: number;
  readonly endedBy: string | null;
}

const PATH = join(import.meta.dirname, "extents.json");

/** By the names of the runs, from the last time that each was kept. */
export function readExtents(): Readonly<Record<string, Extent>> {
  return JSON.parse(readFileSync(PATH, "utf8"));
}

/** The others stay as they are. */
export function keepExtent(name: string, extent: Extent): void {
  const all = { ...readExtents(), [name]: extent };
  const known = LONG_RUNS.flatMap((run) => (all[run.name] ? [[run.name, all[run.name]]] : []));
  writeFileSync(PATH, `${JSON.stringify(Object.fromEntries(known), null, 2)}\n`);
}

export const EXTENT_HEAD = [
  "cluster",
  "options",
  "distinct",
  "generated",
  "depth",
  "states a second",
  "ended by",
];

/** One for each long run, with what is known of it as it is now. */
export function extentRows(): string[][] {
  const extents = readExtents();
  return LONG_RUNS.map((run) => {
    const asked = optionsOf(argumentsOf(run));
    const extent = extents[run.name];
    if (extent?.asked !== asked) return [run.name, `\`${asked}\``, "–", "–", "–", "–", "not run yet"];
    const { distinctStates, generatedStates, depth, statesPerSecond, endedBy } = extent;
    const counts = [distinctStates, generatedStates, depth, statesPerSecond].map((count) => grouped(count));
    return [run.name, `\`${asked}\``, ...counts, endedBy ?? "complete"];
  });
}

/** What is asked for, without the bounds that only end it. */
export function optionsOf(args: readonly string[]): string {
  const bounds = ["--states-max", "--memory-max"];
  const isOption = (word: string, at: number) =>
    !bounds.includes(word) && !bounds.includes(args[at - 1] ?? "");
  return args.filter(isOption).join(" ").replace("explore --model core ", "");
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, " ");
}
