import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { verifyLog } from "../../src/drivers/log-inspect.ts";
import { CHECKPOINT_FILE, isPageFile, logPathOf, segmentsAmong } from "../../src/log/layout.ts";
import { makeLogs } from "./made-logs.ts";
import { measureStart, type StartCost, type StartedNode } from "./node-start.ts";
import { killWhileWriting, writeLogs, writtenNodes } from "./written-logs.ts";

// `npm run bench:start`: how long nodes take to start. First on new directories; then where a cluster has written a million records
// a node and was ended; then where it was killed in the middle of its work. `-- --no-checkpoint` takes logs of as many records
// that no checkpoint has shortened in place of these, and tells what reading the same bytes costs at least.
// `-- --records N` makes logs of another length, `-- --json` prints one document.

/** What a start found on the disk, and what it took. */
interface Start extends StartCost {
  readonly what: (typeof WHATS)[number];
  readonly node: string;
  readonly found: Found | null;
  /** Every byte of the same segments read and summed and every payload parsed, by a process that does nothing else. */
  readonly reading: { readonly clockMs: number; readonly cpuMs: number } | null;
}

interface Found {
  readonly checkpointMiB: number;
  readonly pages: number;
  readonly pagesMiB: number;
  readonly segments: number;
  readonly segmentsMiB: number;
  /** How many stand in the segments. */
  readonly records: number;
}

const WHATS = ["new directory", "ended by SIGTERM", "killed at work", "no checkpoint"] as const;
const READER = join(import.meta.dirname, "programs/read-payloads.ts");
const MEBIBYTE = 2 ** 20;
/** Records that a node writes after its log was read, before it is killed: a checkpoint's worth and some. */
const RECORDS_KILLED = 130_000;

const { values } = parseArgs({
  options: {
    records: { type: "string", default: "1000000" },
    "no-checkpoint": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const records = Number(values.records);
const dir = await mkdtemp(join(tmpdir(), "2pc-console-start-"));
const starts: Start[] = [];
try {
  if (values["no-checkpoint"]) await startUnshortened();
  else await startWritten();
  const load = loadavg()[0] ?? Number.NaN;
  if (values.json)
    process.stdout.write(`${JSON.stringify({ loadAverage: load, records, starts }, null, 2)}\n`);
  else process.stdout.write(`Node ${process.version}, load average ${load.toFixed(1)} at the end\n`);
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function startWritten(): Promise<void> {
  const cluster = join(dir, "cluster");
  await mkdir(join(dir, "new"));
  for (const node of writtenNodes(join(dir, "new"))) await start("new directory", node);
  process.stderr.write(`a cluster writes ${records} records a node\n`);
  await writeLogs(cluster, records);
  for (const node of writtenNodes(cluster)) await start("ended by SIGTERM", node);
  await killWhileWriting(cluster, RECORDS_KILLED);
  for (const node of writtenNodes(cluster)) await start("killed at work", node);
}

async function startUnshortened(): Promise<void> {
  process.stderr.write(`making logs of ${records} records\n`);
  for (const node of await makeLogs(dir, records, Date.now())) await start("no checkpoint", node);
}

async function start(what: Start["what"], node: StartedNode): Promise<void> {
  const found = what === "new directory" ? null : await findIn(node);
  const reading = what === "no checkpoint" ? await readPayloads(node) : null;
  const cost = await measureStart(node);
  const started = { what, node: node.name, ...cost, found, reading };
  starts.push(started);
  if (!values.json) process.stdout.write(`${lineOf(started)}\n`);
}

async function findIn(node: StartedNode): Promise<Found> {
  const folder = logPathOf(node.dir);
  const names = await readdir(folder);
  const pages = names.filter(isPageFile);
  const segments = segmentsAmong(names).map(({ name }) => name);
  const mebibytes = async (files: readonly string[]) => {
    const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0) / MEBIBYTE;
  };
  return {
    checkpointMiB: await mebibytes(names.filter((name) => name === CHECKPOINT_FILE)),
    pages: pages.length,
    pagesMiB: await mebibytes(pages),
    segments: segments.length,
    segmentsMiB: await mebibytes(segments),
    records: (await verifyLog(node.dir)).records,
  };
}

async function readPayloads(node: StartedNode): Promise<Start["reading"]> {
  const folder = logPathOf(node.dir);
  const names = segmentsAmong(await readdir(folder)).map(({ name }) => name);
  return JSON.parse(execFileSync(process.execPath, [READER, folder, ...names], { encoding: "utf8" }));
}

function lineOf({ what, node, readyMs, cpuMs, peakMiB, found, reading }: Start): string {
  const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(1)} s`;
  const parts = [
    `${what}, ${node}: ready after ${seconds(readyMs)} (CPU ${seconds(cpuMs)}), at most ${Math.round(peakMiB)} MiB`,
  ];
  if (found !== null) parts.push(foundText(found));
  if (reading !== null) {
    const ratio = (cpuMs / reading.cpuMs).toFixed(1);
    parts.push(
      `reading and parsing alone ${seconds(reading.clockMs)} (CPU ${seconds(reading.cpuMs)}), ratio ${ratio}`,
    );
  }
  return parts.join("; ");
}

function foundText(found: Found): string {
  const { checkpointMiB, pages, pagesMiB, segments, segmentsMiB } = found;
  const checkpoint = `checkpoint ${checkpointMiB.toFixed(1)} MiB`;
  const paged = pages === 0 ? "" : ` and ${pages} pages ${pagesMiB.toFixed(1)} MiB`;
  return `${checkpoint}${paged}, segments ${segments} with ${found.records} records, ${segmentsMiB.toFixed(1)} MiB`;
}
