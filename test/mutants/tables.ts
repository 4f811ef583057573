import { GUARDS as SIMULATOR_GUARDS } from "../../src/sim/cluster/guards.ts";
import { GUARDS as EXPLORER_GUARDS } from "../../src/sim/core-model/guards.ts";
import type { PromiseNumber } from "../../src/sim/promises.ts";
import { table } from "../docs/generated.ts";
import { CAUGHT } from "./caught.ts";
import { type CaughtBy, KINDS } from "./everybody.ts";
import { GUARDED, PROVERS } from "./invariants.ts";
import { MATRIX_PROOFS } from "./matrix-proofs.ts";
import { MUTANTS } from "./mutants.ts";

/** The explorer's checks that guard a promise, by the beginnings of their names. */
export function exploredBy(promise: PromiseNumber): readonly string[] {
  const names = Object.entries(EXPLORER_GUARDS).flatMap(([name, promises]) =>
    promises.includes(promise) ? [name.split(":")[0] ?? name] : [],
  );
  return [...new Set(names)];
}

/** The simulator's checks that guard a promise, by the names of their files. */
export function simulatedBy(promise: PromiseNumber): readonly string[] {
  const guard: string | null = SIMULATOR_GUARDS[promise];
  if (guard === null) return [];
  const files = guard.split("; ").flatMap((part) => /^([a-z, -]+): /.exec(part)?.[1]?.split(", ") ?? []);
  return files.map((file) => file.replace(/^check-/, ""));
}

/** Which of explorer, simulator, conformance, crash matrix and tests guards each promise. */
export function invariantsTable(): string {
  const head = ["", "what must hold", "explorer", "simulator", "conformance", "crash matrix", "tests"];
  const rows = Object.values(GUARDED).map(({ promise, words, conformance, matrix, tests }) => [
    promise,
    words,
    exploredBy(promise).join(", ") || "–",
    simulatedBy(promise).join(", ") || "–",
    conformance.join("; ") || "–",
    matrix ?? "–",
    tests,
  ]);
  return table(head, rows);
}

/** By which mutant each of them proves it. */
export function proofsTable(): string {
  const rows = Object.values(GUARDED).map(({ promise, proofs }) => [
    promise,
    ...PROVERS.map((prover) => proofs[prover] ?? "–"),
    provenByMatrix(promise),
  ]);
  return table(["", ...PROVERS, "crash matrix"], rows);
}

function provenByMatrix(promise: PromiseNumber): string {
  const proof = MATRIX_PROOFS[promise];
  if (!proof) return "–";
  return `${proof.mutant} (at ${proof.point}${proof.thenAt ? `, then ${proof.thenAt}` : ""})`;
}

/** Every mutant, with the rule that it takes out and who has caught it, by what: everybody, where the report has met it. */
export function mutantsTable(): string {
  const rows = MUTANTS.map(({ name, rule, endangers, caughtBy }) => {
    const by = CAUGHT[name] ?? declared(caughtBy);
    return [
      name,
      rule,
      endangers.join(", "),
      ...KINDS.map((kind) => by[kind]?.replaceAll("test/", "") ?? "–"),
      caughtByMatrix(name),
    ];
  });
  return table(["mutant: the program …", "the rule it breaks", "endangers", ...KINDS, "crash matrix"], rows);
}

/** The promises that it breaks where the matrix proves something by it. */
function caughtByMatrix(name: string): string {
  const proven = Object.entries(MATRIX_PROOFS).flatMap(([promise, { mutant }]) =>
    mutant === name ? [promise] : [],
  );
  return proven.join(", ") || "–";
}

function declared(caughtBy: string): CaughtBy {
  const kind = KINDS.find((each) => caughtBy.startsWith(each)) ?? "tests";
  return { [kind]: caughtBy.replace(`${kind}: `, "") };
}
