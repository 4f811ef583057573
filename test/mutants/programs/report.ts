import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CAUGHT } from "../caught.ts";
import { type CaughtBy, KINDS, meetEverybody } from "../everybody.ts";
import { findByMatrix, isBrokenIn, MATRIX_PROOFS, type MatrixProof } from "../matrix-proofs.ts";
import type { Mutant } from "../mutant.ts";
import { MUTANTS } from "../mutants.ts";
import { PATH_PROOFS, PROOFS, type Proof, STORYTELLER } from "../proofs.ts";
import { runPrograms, runTests, TESTS } from "../running.ts";

// Lets every mutant meet everybody who may catch it, and prints who did, by what name, and how fast; then every guard proves
// itself by its mutant: explorer, simulator, conformance and golden traces each with all else left aside, and the crash matrix by real
// processes with the bug. Words in the arguments choose mutants by name, `new` those that have not met everybody; `--proofs` leaves
// the meetings out, and `--shard 1/2` takes every second mutant and proof, so that two machines, or two halves of a night, do all of it.
// Ends with 1 when a mutant survives or a proof fails. With DOCS_UPDATE=1 what came of the meetings is kept in caught.json.

const { values: flags, positionals: words } = parseArgs({
  options: { proofs: { type: "boolean", default: false }, shard: { type: "string", default: "1/1" } },
  allowPositionals: true,
});
const shard = /^([1-9]\d*)\/([1-9]\d*)$/.exec(flags.shard);
const [first, of] = [Number(shard?.[1]) - 1, Number(shard?.[2])];
if (!(first < of)) {
  process.stderr.write(`--shard ${flags.shard}: it should be 1/2 or 2/2, or the like\n`);
  process.exit(64);
}
const isNew = words.join() === "new";
const asked = MUTANTS.filter(({ name }) =>
  isNew ? !CAUGHT[name] : words.every((word) => name.includes(word)),
);
const isAsked = (mutant: string | null): boolean => asked.some(({ name }) => name === mutant);
const ofShard = <Each>(all: readonly Each[]): Each[] => all.filter((_, at) => at % of === first);

const survivors = flags.proofs ? 0 : await meetAll(ofShard(asked));
const unproven = await proveAll(ofShard([...PROOFS, ...PATH_PROOFS].filter(({ job }) => isAsked(job[0]))));
const untold = await tellAll(ofShard([STORYTELLER].filter(({ name }) => isAsked(name))));
// One after the other: each starts a cluster of processes, and waits for them.
const unbroken = await breakAll(
  ofShard(Object.entries(MATRIX_PROOFS).filter(([, { mutant }]) => isAsked(mutant))),
);
process.exitCode = survivors + unproven + untold + unbroken === 0 ? 0 : 1;

async function meetAll(chosen: readonly Mutant[]): Promise<number> {
  const startedMs = performance.now();
  const results = new Map<string, CaughtBy>();
  await together(chosen, async (mutant) => {
    const beganMs = performance.now();
    const caught = await meetEverybody(mutant);
    results.set(mutant.name, caught);
    tell(mutant, caught, beganMs);
  });
  const left = chosen.filter(({ name }) => Object.keys(results.get(name) ?? {}).length === 0).length;
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  const counts = KINDS.map((kind) => `${kind} ${[...results.values()].filter((by) => by[kind]).length}`);
  print(`${chosen.length - left} of ${chosen.length} mutants are caught, in ${seconds} s`);
  print(counts.join(", "));
  if (process.env.DOCS_UPDATE === "1") keep(results);
  return left;
}

function tell({ name, rule }: Mutant, caught: CaughtBy, beganMs: number): void {
  const by = Object.entries(caught);
  say(by.length > 0 ? "caught" : "SURVIVES", beganMs, `${name} – ${rule}`);
  for (const [kind, found] of by) detail(`${kind}: ${found}`);
}

/** How many do not hold. */
async function proveAll(proofs: readonly Proof[]): Promise<number> {
  let failed = 0;
  await together(proofs, async ({ what, job, isProven }) => {
    const beganMs = performance.now();
    const [caught] = await runPrograms([job]);
    const found = caught?.found ?? "nothing";
    if (!isProven(found)) failed += 1;
    say(isProven(found) ? "proven" : "UNPROVEN", beganMs, `${what}: ${job[0]}`);
    detail(found.split("\n")[0] ?? "");
  });
  print(`${proofs.length - failed} of ${proofs.length} proofs by programs hold`);
  return failed;
}

async function tellAll(proofs: readonly Pick<Mutant, "name" | "caughtBy">[]): Promise<number> {
  let failed = 0;
  for (const { name, caughtBy } of proofs) {
    const beganMs = performance.now();
    const found = await runTests(caughtBy, name);
    if (found === null) failed += 1;
    say(found === null ? "UNPROVEN" : "proven", beganMs, `stories are those of production nodes: ${name}`);
    detail(found ?? `nothing by ${caughtBy.slice(TESTS.length)}`);
  }
  return failed;
}

async function breakAll(proofs: readonly (readonly [string, MatrixProof])[]): Promise<number> {
  let failed = 0;
  for (const [promise, proof] of proofs) {
    const beganMs = performance.now();
    const faults = await findByMatrix(proof).catch((error: Error) => [error.message]);
    const isProven = isBrokenIn(faults, promise);
    if (!isProven) failed += 1;
    const where = `${proof.point}${proof.thenAt ? `, then ${proof.thenAt}` : ""}`;
    const what = `${promise}, crash matrix, at ${where}: ${proof.mutant}`;
    say(isProven ? "proven" : "UNPROVEN", beganMs, what);
    for (const fault of faults.length > 0 ? faults : ["nothing"]) detail(fault);
  }
  print(`${proofs.length - failed} of ${proofs.length} proofs by the crash matrix hold`);
  return failed;
}

async function together<Each>(all: readonly Each[], run: (each: Each) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const work = async () => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) await run(each);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

/** What is known of the mutants that were not chosen stays. */
function keep(results: ReadonlyMap<string, CaughtBy>): void {
  const path = join(import.meta.dirname, "../caught.json");
  const before = JSON.parse(readFileSync(path, "utf8")) as Record<string, CaughtBy>;
  const entries = MUTANTS.flatMap(({ name }) => {
    const caught = results.get(name) ?? before[name];
    return caught ? [[name, caught]] : [];
  });
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
}

function say(word: string, beganMs: number, what: string): void {
  const ms = String(Math.round(performance.now() - beganMs)).padStart(6);
  print(`${word.padEnd(8)} ${ms} ms  ${what}`);
}

function detail(text: string): void {
  print(`                      ${text}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
