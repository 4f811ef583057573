import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readFrame } from "../../../src/codec/frame.ts";

// The least that reading a log can be, in a process of its own: every byte read and summed, every payload parsed, nothing kept.
// Arguments: the log's folder and the names of its segments. Prints milliseconds by the clock and on a core, and the payloads.

const [folder = "", ...names] = process.argv.slice(2);
const startedMs = performance.now();
const before = process.cpuUsage();
let payloads = 0;
for (const name of names) {
  const bytes = readFileSync(join(folder, name));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let frame = readFrame(view, 0); frame.valid; frame = readFrame(view, frame.end)) {
    if (frame.header.type !== "record") continue;
    JSON.parse(bytes.toString("utf8", frame.payloadStart, frame.payloadEnd));
    payloads += 1;
  }
}
const { user, system } = process.cpuUsage(before);
const clockMs = performance.now() - startedMs;
process.stdout.write(JSON.stringify({ clockMs, cpuMs: (user + system) / 1_000, payloads }));
