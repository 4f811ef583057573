import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { CAUGHT } from "../caught.ts";
import { type CaughtBy, KINDS, meetEverybody } from "../everybody.ts";
import { findByMatrix, isBrokenIn, MATRIX_PROOFS, type MatrixProof } from "../matrix-proofs.ts";
import type { Mutant } from "../mutant.ts";
import { MUTANTS } from "../mutants.ts";

// Lets every mutant meet everybody who may catch it, and prints who did, by what name, and how fast; words in the arguments
// choose mutants by name, `new` those that it has not met. Then real processes with the bug meet the crash matrix, where it proves
// something by them. Ends with 1 when one survives or a proof fails. With DOCS_UPDATE=1 what came of it
// is kept in caught.json.

const words = process.argv.slice(2);
const isNew = words.join() === "new";
const chosen = MUTANTS.filter(({ name }) =>
  isNew ? !CAUGHT[name] : words.every((word) => name.includes(word)),
);
const startedMs = performance.now();
const results = new Map<string, CaughtBy>();
const waiting = [...chosen];
await Promise.all(Array.from({ length: availableParallelism() }, work));

const survivors = chosen.filter(({ name }) => Object.keys(results.get(name) ?? {}).length === 0);
const seconds = Math.round((performance.now() - startedMs) / 1_000);
const counts = KINDS.map((kind) => `${kind} ${[...results.values()].filter((by) => by[kind]).length}`);
print(`${chosen.length - survivors.length} of ${chosen.length} mutants are caught, in ${seconds} s`);
print(counts.join(", "));
if (process.env.DOCS_UPDATE === "1") keep();
const proofs = Object.entries(MATRIX_PROOFS).filter(([, { mutant }]) =>
  chosen.some(({ name }) => name === mutant),
);
let unproven = 0;
for (const [promise, proof] of proofs) await prove(promise, proof);
print(`${proofs.length - unproven} of ${proofs.length} proofs by the crash matrix hold`);
process.exitCode = survivors.length + unproven === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const beganMs = performance.now();
    const caught = await meetEverybody(mutant);
    results.set(mutant.name, caught);
    tell(mutant, caught, Math.round(performance.now() - beganMs));
  }
}

function tell({ name, rule }: Mutant, caught: CaughtBy, ms: number): void {
  const by = Object.entries(caught);
  print(`${by.length > 0 ? "caught  " : "SURVIVES"} ${String(ms).padStart(6)} ms  ${name} – ${rule}`);
  for (const [kind, found] of by) print(`                      ${kind}: ${found}`);
}

async function prove(promise: string, proof: MatrixProof): Promise<void> {
  const beganMs = performance.now();
  const faults = await findByMatrix(proof).catch((error: Error) => [error.message]);
  const isProven = isBrokenIn(faults, promise);
  if (!isProven) unproven += 1;
  const ms = String(Math.round(performance.now() - beganMs)).padStart(6);
  const where = `${proof.point}${proof.thenAt ? `, then ${proof.thenAt}` : ""}`;
  print(
    `${isProven ? "proven  " : "UNPROVEN"} ${ms} ms  ${promise} by the crash matrix, at ${where}: ${proof.mutant}`,
  );
  for (const fault of faults) print(`                      ${fault}`);
}

/** What is known of the mutants that were not chosen stays. */
function keep(): void {
  const path = join(import.meta.dirname, "../caught.json");
  const before = JSON.parse(readFileSync(path, "utf8")) as Record<string, CaughtBy>;
  const entries = MUTANTS.flatMap(({ name }) => {
    const caught = results.get(name) ?? before[name];
    return caught ? [[name, caught]] : [];
  });
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
