import { coreModel } from "../../../../src/sim/core-model/core-model.ts";
import { type CoreModelOptions, SMALL_CLUSTER } from "../../../../src/sim/core-model/options.ts";
import { plainRefinement } from "../../../../src/sim/core-model/refinement.ts";
import { exploreInPieces } from "../../../../src/sim/explore/explorer.ts";
import { LONG_RUNS } from "../long-runs.ts";

// Explores each of the long runs to the end, or those whose names hold the argument, and prints what each took. Ends with
// 1 when anything is broken.

const PROGRESS_MS = 60_000;
const wanted = process.argv[2] ?? "";
for (const [name, options] of LONG_RUNS) if (name.includes(wanted)) run(name, options);

function run(name: string, options: Partial<CoreModelOptions>): void {
  const all = { ...SMALL_CLUSTER, crashesMax: 0, checksSettling: true, ...options };
  const model = coreModel({ ...all, refines: plainRefinement(all) });
  const cpu = process.cpuUsage();
  const taken = () => {
    const { user, system } = process.cpuUsage(cpu);
    const seconds = Math.round((user + system) / 1_000_000);
    return `${seconds} s of processor time, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`;
  };
  const pieces = exploreInPieces(model);
  let toldMs = performance.now();
  for (;;) {
    const piece = pieces.next();
    if (piece.done) {
      const { distinctStates, generatedStates, depth, violations } = piece.value;
      const starts = model.settling?.extent().starts ?? 0;
      const broken = violations.map(({ invariant }) => `broken: ${invariant}`).join("; ");
      say(
        `${name}: ${distinctStates} states, ${generatedStates} generated, depth ${depth}; ${starts} settle; ${taken()}; ${broken || "complete, every invariant holds"}`,
      );
      if (broken) process.exitCode = 1;
      return;
    }
    if (performance.now() - toldMs < PROGRESS_MS) continue;
    toldMs = performance.now();
    const { distinctStates, depth } = piece.value;
    process.stderr.write(`${name}: ${distinctStates} states so far, depth ${depth}; ${taken()}\n`);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
