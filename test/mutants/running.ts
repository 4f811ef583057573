import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./mutant.ts";

/** What a catcher came to. */
export interface Caught {
  readonly mutant: string | null;
  readonly catcher: string;
  /** What it found, by name; null when it found nothing. */
  readonly found: string | null;
  readonly ms: number;
}

/** Catchers that look for a mutant, or at the program as it is, one after the other until one finds something. */
export type Job = readonly [mutant: string | null, catchers: readonly string[]];

/** How the name of a catcher begins that is a part of the suite; its files follow. */
export const TESTS = "tests: ";
const DEADLINE_MS = 900_000;

/** Runs catchers in a process of their own; a catcher that never ends takes all that come after it with it. */
export async function runPrograms(jobs: readonly Job[]): Promise<readonly Caught[]> {
  const { stdout, stderr } = await run(["test/mutants/programs/catch.ts", JSON.stringify(jobs)], {});
  const caught = stdout
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Caught);
  if (caught.length >= jobs.length) return caught;
  const next = jobs.find(([mutant]) => !caught.some((each) => each.mutant === mutant));
  throw new Error(`it ended at ${next?.[0] ?? "the program as it is"}: ${stderr.slice(-2_000)}`);
}

/** Runs tests of the suite on the mutant. Returns the first that fails, or null. */
export async function runTests(catcher: string, mutant: string): Promise<string | null> {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const options = ["--config", "test/mutants/vitest.config.ts", "--bail", "1", "--reporter", "tap-flat"];
  const files = catcher.slice(TESTS.length).split(" ");
  const { status, stdout, stderr } = await run([vitest, "run", ...options, ...files], { MUTANT: mutant });
  if (status === 0) return null;
  const failed = /^not ok \d+ - (.*?)(?: # time=.*)?\n +---/m.exec(stdout);
  return failed?.[1] ?? `it does not run: ${stderr.slice(-2_000)}`;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], variables: Record<string, string>): Promise<Ended> {
  const env = { ...process.env, VITEST: undefined, ...variables };
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env,
    timeout: DEADLINE_MS,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}
