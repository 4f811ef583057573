import { join } from "node:path";
import type { PromiseNumber } from "../../src/sim/promises.ts";
import { type Case, PAIRS, SINGLES } from "../crash-matrix/cases.ts";
import { runCase } from "../crash-matrix/play.ts";

/** A mutant that the crash matrix catches as a breach of a promise, where the victim is killed at one point. */
export interface MatrixProof {
  readonly mutant: string;
  readonly point: string;
  /** The second crash, inside the recovery from the first. Without it the same point shows nothing. */
  readonly thenAt?: string;
}

/** Every promise that the crash matrix guards, and what proves it: real processes, SIGKILL. */
export const MATRIX_PROOFS: Readonly<Partial<Record<PromiseNumber, MatrixProof>>> = {
  I1: { mutant: "tells a peer abort because it is in doubt", point: "sent-inquiry-answer" },
  I2: { mutant: "says commit before it is on disk", point: "sent-commit" },
  I3: { mutant: "lets the floor pass what still collects votes", point: "sent-prepare" },
  I4: { mutant: "forgets which requests it has committed", point: "forced-commit" },
  I5: { mutant: "tells the client before the commit is on disk", point: "answered-client" },
  I8: { mutant: "does not redo what it committed", point: "forced-committed" },
  I9: { mutant: "does not remember what it promised", point: "receive-commit" },
  I10: {
    mutant: "remembers only what the run before has promised",
    point: "receive-commit",
    thenAt: "recovery-done",
  },
  I11: { mutant: "does not force committed", point: "receive-commit" },
  I15: { mutant: "uses an epoch twice", point: "forced-prepared" },
  I16: { mutant: "tells those of an abort that voted no", point: "receive-abort" },
};

const PRELOAD = join(import.meta.dirname, "programs/plant.ts");

/** What the matrix finds at that point when every node is the mutant: all that is broken, each with its promise. */
export async function findByMatrix({ mutant, point, thenAt }: MatrixProof): Promise<readonly string[]> {
  const launch = { nodeArgs: ["--import", PRELOAD], env: { MUTANT: mutant } };
  const found = await runCase(caseOf(point, thenAt), launch);
  if (thenAt === undefined || found.length === 0) return found;
  const byOneCrash = await runCase(caseOf(point), launch);
  return byOneCrash.length === 0 ? found : byOneCrash;
}

/** True where one of the faults breaks the promise. */
export function isBrokenIn(faults: readonly string[], promise: string): boolean {
  return faults.some((fault) => new RegExp(`^(?:I10, )?${promise}[:,] `).test(fault));
}

export function caseOf(point: string, then?: string): Case {
  const found = [...SINGLES, ...PAIRS].find((each) => each.point === point && each.then === then);
  if (!found) throw new Error(`no case of the matrix is ${point}${then ? `, then ${then}` : ""}`);
  return found;
}
