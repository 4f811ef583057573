import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { directoryBytes } from "../../src/drivers/directory-bytes.ts";
import { logPathOf, segmentsAmong } from "../../src/log/layout.ts";
import { cpuMsOf, peakMiBOf } from "../console-bench/process.ts";
import { type MadeNode, makeLogs } from "./made-logs.ts";

// `npm run bench:start`: how long a node takes to start with a long log that no checkpoint has shortened, beside what reading the
// same bytes costs at least. `-- --records N` makes logs of another length, `-- --json` prints one document.

/** What a start took; times in milliseconds. */
interface Start {
  readonly node: string;
  readonly records: number;
  readonly logMiB: number;
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  /** Every byte of the same log read and summed and every payload parsed, by a process that does nothing else. */
  readonly reading: { readonly clockMs: number; readonly cpuMs: number };
}

const ROOT = join(import.meta.dirname, "../..");
const PROGRAM = join(ROOT, "bin/2pc-console.js");
const READER = join(import.meta.dirname, "programs/read-payloads.ts");
/** Nobody listens there. */
const NO_COORDINATOR = "ws://127.0.0.1:1";
const RECORDS = "1000000";

const { values } = parseArgs({
  options: { records: { type: "string", default: RECORDS }, json: { type: "boolean", default: false } },
});
const records = Number(values.records);
const dir = await mkdtemp(join(tmpdir(), "2pc-console-start-"));
try {
  process.stderr.write(`making logs of ${values.records} records\n`);
  const starts: Start[] = [];
  for (const node of await makeLogs(dir, records, Date.now())) {
    const start = await measureStart(node);
    starts.push(start);
    if (!values.json) process.stdout.write(`${lineOf(start)}\n`);
  }
  const load = loadavg()[0] ?? Number.NaN;
  if (values.json) process.stdout.write(`${JSON.stringify({ loadAverage: load, starts }, null, 2)}\n`);
  else process.stdout.write(`Node ${process.version}, load average ${load.toFixed(1)} at the end\n`);
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function measureStart(node: MadeNode): Promise<Start> {
  const logMiB = (await directoryBytes(logPathOf(node.dir))) / 2 ** 20;
  const reading = await readPayloads(node);
  const role = node.kind === "coordinator" ? ["coordinator"] : ["participant", node.kind];
  const dials = node.kind === "coordinator" ? [] : ["--coordinator", NO_COORDINATOR];
  const startedMs = performance.now();
  const args = [PROGRAM, ...role, "--data", node.dir, "--listen", "127.0.0.1:0", ...dials];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const exited = once(child, "exit");
  try {
    // A supervisor would not wait for as long as a busy machine may take.
    await Promise.race([once(child.stdout, "data"), exited]);
    const { pid, exitCode } = child;
    if (pid === undefined || exitCode !== null) throw new Error(`${node.name} ended with ${exitCode}`);
    const readyMs = performance.now() - startedMs;
    const cpuMs = cpuMsOf(pid);
    return { node: node.name, records, logMiB, readyMs, cpuMs, peakMiB: peakMiBOf(pid), reading };
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}

async function readPayloads(node: MadeNode): Promise<Start["reading"]> {
  const folder = logPathOf(node.dir);
  const names = segmentsAmong(await readdir(folder)).map(({ name }) => name);
  return JSON.parse(execFileSync(process.execPath, [READER, folder, ...names], { encoding: "utf8" }));
}

function lineOf({ node, logMiB, readyMs, cpuMs, peakMiB, reading }: Start): string {
  const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;
  const ratio = (cpuMs / reading.cpuMs).toFixed(1);
  return (
    `${node}: ${values.records} records, ${Math.round(logMiB)} MiB; ready after ${seconds(readyMs)} (CPU ${seconds(cpuMs)}), ` +
    `at most ${Math.round(peakMiB)} MiB; reading and parsing alone ${seconds(reading.clockMs)} (CPU ${seconds(reading.cpuMs)}), ratio ${ratio}`
  );
}
