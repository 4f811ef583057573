import { MUTANTS } from "../mutants.ts";
import { runPrograms, runTests, TESTS } from "../running.ts";

// Lets every mutant meet its catcher and prints the table: mutant, rule, who caught it by what, how fast. Ends with 1 when one survives.
let survivors = 0;
for (const { name, rule, caughtBy } of MUTANTS) {
  const startedMs = performance.now();
  const found = caughtBy.startsWith(TESTS)
    ? await runTests(caughtBy, name)
    : ((await runPrograms([[name, [caughtBy]]]))[0]?.found ?? null);
  const ms = Math.round(performance.now() - startedMs);
  if (found === null) survivors += 1;
  const caught = found === null ? "SURVIVES" : "caught  ";
  process.stdout.write(`${caught} ${String(ms).padStart(6)} ms  ${name} – ${rule}\n`);
  process.stdout.write(`                      ${caughtBy}: ${found ?? "nothing found"}\n`);
}
process.stdout.write(`${MUTANTS.length - survivors} of ${MUTANTS.length} mutants are caught\n`);
process.exitCode = survivors === 0 ? 0 : 1;
