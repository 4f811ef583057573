import { table } from "../docs/generated.ts";
import { GUARDED } from "./invariants.ts";
import { MUTANTS } from "./mutants.ts";

/** Which of explorer, conformance, crash matrix and tests guards each invariant, and a mutant that shows it. */
export function invariantsTable(): string {
  const head = [
    "what must hold",
    "explorer",
    "conformance",
    "crash matrix",
    "tests",
    "so this mutant is caught",
  ];
  const rows = Object.values(GUARDED).map(({ words, explorer, conformance, matrix, tests, proof }) => [
    words,
    explorer.map((name) => name.split(":")[0]).join(", ") || "–",
    conformance.join("; ") || "–",
    matrix ?? "–",
    tests,
    `${proof} (${caughtBy(proof)})`,
  ]);
  return table(head, rows);
}

/** Every mutant, with the rule that it takes out and who catches it. */
export function mutantsTable(): string {
  const rows = MUTANTS.map(({ name, rule, endangers, caughtBy: catcher }) => [
    name,
    rule,
    endangers.join(", "),
    catcher.replace("tests: test/", ""),
  ]);
  return table(["mutant: the program …", "the rule it breaks", "endangers", "caught by"], rows);
}

function caughtBy(name: string): string {
  const catcher = MUTANTS.find((mutant) => mutant.name === name)?.caughtBy ?? "nobody";
  return catcher.replace(/^tests: test\/(.*)\.test\.ts$/, "test $1");
}
