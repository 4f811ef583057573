import { GUARDS as EXPLORER_GUARDS } from "../../src/sim/core-model/guards.ts";
import { GUARDED, type Guarded } from "./invariants.ts";
import { MUTANTS } from "./mutants.ts";
import { type Job, TESTS } from "./running.ts";

/** A mutant that somebody must catch, and what must be said of it. */
export interface Proof {
  readonly what: string;
  readonly job: Job;
  readonly isProven: (found: string) => boolean;
}

/** What explorer, simulator, conformance and golden traces claim to guard; what is left to tests of the suite is theirs. */
export const PROOFS: readonly Proof[] = Object.values(GUARDED).flatMap(proofsOf);

/** Production nodes that do otherwise than the explorer's model says: what it tells as a story would be none. */
export const STORYTELLER = {
  name: "takes prepared for durable when it is written",
  caughtBy: `${TESTS}test/sim/core-model/story.test.ts`,
};

/** The explorer's checks of steps and paths, each with a mutant that breaks it. */
const PATHS: Readonly<Record<string, string>> = {
  "repetition: a message that comes twice in a row changes nothing the second time":
    "expects no commit while it performs one",
  "repetition: who has met a coordinator's next run takes up no prepare of the one before":
    "lets an earlier run of a coordinator go on preparing",
  "repetition: a crash inside recovery, whatever it had appended, changes nothing":
    "remembers only what the run before has promised",
  "settling: left in peace, all that is under way finishes; no lock, no in-doubt stays":
    "does not force committed",
  "tidiness: at rest tables and checkpoints hold only the windows, and a new request commits":
    "keeps what the floor has passed",
  "no faults: all yes gives commit, and nobody ever aborts": "lets the floor pass what still collects votes",
  "refinement: every step is one of TwoPhase, several of them, or none": "decides before all have voted",
  "refinement: every step is one of TCommit, several of them, or none": "commits although one voted no",
};

/** The same for each check of steps and paths alone. */
export const PATH_PROOFS: readonly Proof[] = Object.entries(PATHS).map(([check, mutant]) => ({
  what: check,
  job: [mutant, [`explorer checking ${check}`]],
  isProven: (found) => found.startsWith(check),
}));

/** Names of the explorer's checks of steps and paths; the others are of states, and begin otherwise. */
export function pathChecks(): readonly string[] {
  return Object.keys(EXPLORER_GUARDS).filter((name) =>
    /^(?:repetition|settling|tidiness|no faults|refinement):/.test(name),
  );
}

function proofsOf({ promise, proofs, conformance }: Guarded): readonly Proof[] {
  const { explorer, simulator, conformance: recorded, tests } = proofs;
  const made: Proof[] = [];
  const add = (prover: string, mutant: string, catcher: string, isProven: Proof["isProven"]) =>
    made.push({ what: `${promise}, ${prover}`, job: [mutant, [catcher]], isProven });
  if (explorer)
    add("explorer", explorer, `explorer heeding ${promise}`, (found) => {
      const name = Object.keys(EXPLORER_GUARDS).find((check) => found.startsWith(check));
      return name !== undefined && EXPLORER_GUARDS[name]?.includes(promise) === true;
    });
  if (simulator)
    add("simulator", simulator, `simulator heeding ${promise}`, (found) => found.startsWith(`${promise}: `));
  if (recorded) {
    const isOne = (rule: string) => promise === "I16" || conformance.some((name) => rule.startsWith(name));
    // Mutants of the log, which stories do not run, are seen in simulated clusters.
    const isOfLog = fileOf(recorded).startsWith("src/log/");
    const catcher = isOfLog ? "simulator heeding I16" : "conformance";
    add("conformance", recorded, catcher, (found) => isOne(found.replace("I16: ", "")));
  }
  const byStories = MUTANTS.find(({ name }) => name === tests)?.caughtBy.startsWith("tests: ") === false;
  if (tests && byStories) add("tests", tests, "golden traces", (found) => found.endsWith(".txt"));
  return made;
}

function fileOf(mutant: string): string {
  return MUTANTS.find(({ name }) => name === mutant)?.file ?? "";
}
