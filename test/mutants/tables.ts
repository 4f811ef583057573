import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../docs/generated.ts";
import { GUARDED } from "./invariants.ts";
import { ROOT } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";

/** The numbers of the invariants that the simulator reports when they break, as its code names them. */
function simulated(): ReadonlySet<number> {
  const folder = join(ROOT, "src/sim/cluster");
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/report\("I(\d+)"/g)].map(([, number]) => Number(number))),
  );
}

/** Which of explorer, simulator, conformance, crash matrix and tests guards each invariant, and a mutant that shows it. */
export function invariantsTable(): string {
  const head = [
    "what must hold",
    "explorer",
    "simulator",
    "conformance",
    "crash matrix",
    "tests",
    "so this mutant is caught",
  ];
  const bySimulator = simulated();
  const rows = Object.values(GUARDED).map(({ words, explorer, conformance, matrix, tests, proof }, index) => [
    words,
    explorer.map((name) => name.split(":")[0]).join(", ") || "–",
    bySimulator.has(index + 1) ? "yes" : "–",
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
