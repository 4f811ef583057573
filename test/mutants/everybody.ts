import { CATCHERS } from "./catchers.ts";
import type { Mutant } from "./mutant.ts";
import { type Caught, type Job, runPrograms, runTests, TESTS } from "./running.ts";

/** Who has caught a mutant, and by what name, by the kind of catcher; none of those that found nothing. */
export type CaughtBy = Readonly<Partial<Record<Kind, string>>>;
export const KINDS = ["golden traces", "conformance", "explorer", "simulator", "tests"] as const;
export type Kind = (typeof KINDS)[number];

/** The log is under the simulator alone: the others' worlds keep their records in memory. */
const WITHOUT_LOG = /^src\/(?:core|runtime)\//;

/** Lets a mutant meet everybody that runs the code it is in, and the tests that must catch it. */
export async function meetEverybody({ name, file, caughtBy }: Mutant): Promise<CaughtBy> {
  const able = WITHOUT_LOG.test(file) ? PROGRAMS : (["simulator"] as const);
  const jobs = able.map((kind): Job => [name, NAMES.filter((catcher) => catcher.startsWith(kind))]);
  const found = await runPrograms(jobs);
  const tests = caughtBy.startsWith(TESTS) ? await runTests(caughtBy, name) : null;
  return {
    ...Object.fromEntries(found.flatMap(entryOf)),
    ...(tests === null ? {} : { tests: caughtBy.slice(TESTS.length) }),
  };
}

const NAMES = CATCHERS.map(({ name }) => name);
const PROGRAMS = KINDS.filter((kind) => kind !== "tests");

function entryOf({ catcher, found }: Caught): (readonly [Kind, string])[] {
  const kind = KINDS.find((each) => catcher.startsWith(each));
  return kind === undefined || found === null ? [] : [[kind, shortOf(kind, found)]];
}

/** The name of what was found, without what differs from run to run. */
function shortOf(kind: Kind, found: string): string {
  const [line = ""] = found.split("\n");
  if (kind === "golden traces") return line.replace(/\.txt$/, "");
  if (kind === "conformance") return line.replace(/ \(.*\)$/, "");
  return line.startsWith("throws") ? "throws" : (line.split(":")[0] ?? line);
}
