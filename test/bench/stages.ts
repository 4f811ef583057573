import { PerformanceObserver } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { fitGarbageCollector } from "../../src/drivers/garbage.ts";
import { writeSection } from "../docs/section.ts";
import { createOneProcess } from "./one-process.ts";
import { createStopwatch } from "./stopwatch.ts";

// `npm run bench:stages`: what coordinator, warehouse, ledger and a client compute for a transaction, by stage, all in one process without
// sockets and disks. Steadier than the cluster's benchmark, and so the tool for changes that save a microsecond. `-- --readme` puts the
// table into the README.

const WARM_UP = 60_000;

const { values } = parseArgs({
  options: {
    transactions: { type: "string", default: "60000" },
    concurrency: { type: "string", default: "256" },
    readme: { type: "boolean", default: false },
  },
});
const transactions = Number(values.transactions);
const concurrency = Number(values.concurrency);

fitGarbageCollector();
let collectedMs = 0;
const collections = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collectedMs += duration;
});
const stopwatch = createStopwatch(() => performance.now());
const cluster = createOneProcess(stopwatch);
await cluster.run(WARM_UP, concurrency);
stopwatch.reset();
collections.observe({ entryTypes: ["gc"] });
const before = process.cpuUsage();
const startedMs = performance.now();
await cluster.run(transactions, concurrency);
const tookMs = performance.now() - startedMs;
const { user, system } = process.cpuUsage(before);
await new Promise((resolve) => setImmediate(resolve));
collections.disconnect();

const microseconds = (milliseconds: number) => ((milliseconds * 1_000) / transactions).toFixed(1);
const stages = [...stopwatch.read()].toSorted(([one], [other]) => one.localeCompare(other));
const lines = [
  "| stage | µs a transaction |",
  "|---|--:|",
  ...stages.map(([stage, milliseconds]) => `| ${stage} | ${microseconds(milliseconds)} |`),
  `| all | ${microseconds(tookMs)} |`,
  "",
  `Of that, the collection of garbage took ${microseconds(collectedMs)}. CPU, with the threads of the engine: ${((user + system) / transactions).toFixed(1)}.`,
];
process.stdout.write(`${lines.join("\n")}\n`);
if (values.readme) writeSection("stages", lines.join("\n"));
process.exit();
