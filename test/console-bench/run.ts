import { availableParallelism, loadavg } from "node:os";
import { writeSection } from "../docs/section.ts";
import { measureFirstFrame } from "./first-frame.ts";
import { measureIdle } from "./idle.ts";
import { measureReplay } from "./replay.ts";
import { measureStopped, measureThroughput } from "./throughput.ts";
import { measureUnderLoad } from "./under-load.ts";
import { type Verdict, verdictLine } from "./verdict.ts";

// `npm run bench:console`: what the README promises of the console, measured on this machine beside its own floor.
// SOAK_SECONDS=600 soaks for ten minutes, STOPPED_SECONDS=600 leaves a console stopped for as long. Names of parts as arguments measure only those.
// `npm run bench:console -- --readme` puts what it prints into the README; it measures all parts.

const soakMs = Number(process.env.SOAK_SECONDS ?? 40) * 1_000;
const stoppedMs = Number(process.env.STOPPED_SECONDS ?? 120) * 1_000;
const PARTS: Readonly<Record<string, () => Promise<readonly Verdict[]>>> = {
  "first-frame": measureFirstFrame,
  idle: measureIdle,
  load: () => measureUnderLoad(soakMs),
  throughput: measureThroughput,
  stopped: () => measureStopped(stoppedMs),
  replay: measureReplay,
};

const given = process.argv.slice(2);
const wanted = given.filter((word) => word !== "--readme");
const isForReadme = given.includes("--readme");
if (isForReadme && wanted.length > 0) throw new Error("the README shows all parts: give none with --readme");

const printed: string[] = [];
const print = (line: string): void => {
  printed.push(line.trimEnd());
  process.stdout.write(`${line}\n`);
};
const [load = 0] = loadavg();
print(
  `${availableParallelism()} processors, load average ${load.toFixed(1)} at the start; Node ${process.version}`,
);
let isKept = true;
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const verdict of await measure()) {
    print(verdictLine(verdict));
    isKept &&= verdict.holds || verdict.isUndecided === true;
  }
}
if (isForReadme) writeSection("bench-console", ["```text", ...printed, "```"].join("\n"));
process.exitCode = isKept ? 0 : 1;
