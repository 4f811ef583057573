import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openTrace } from "../../src/cli/trace-file.ts";
import { readTraceHeader, readTraceLine } from "../../src/codec/trace.ts";
import { LEDGER } from "../console/story.ts";

// Goal: what was written is there whatever happens to the process, and a disk that is full ends only the recording.

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "tpc-trace-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it("has every line on file before the next update is taken", async () => {
  const path = join(dir, "run.jsonl");
  const trace = openTrace(path, "demo");
  trace.write({ type: "connected", node: LEDGER });
  trace.note("kill ledger");
  const [header = "", ...lines] = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect(readTraceHeader(header)).toMatchObject({ header: { version: 2, name: "demo" } });
  expect(lines.map(readTraceLine)).toMatchObject([
    { is: "line", line: { type: "connected", node: LEDGER } },
    { is: "line", line: { type: "note", text: "kill ledger" } },
  ]);
  trace.close();
});

it.runIf(process.platform === "linux")("tells once that the disk is full, and goes on without it", () => {
  const told: string[] = [];
  const trace = openTrace("/dev/full", "demo");
  trace.onEnd((line) => told.push(line));
  trace.write({ type: "connected", node: LEDGER });
  trace.note("kill ledger");
  expect(told).toEqual([expect.stringMatching(/^the trace \/dev\/full ends here: ENOSPC/)]);
  trace.close();
});

it("refuses a file that cannot be written before anything else happens", () => {
  expect(() => openTrace(join(dir, "none", "run.jsonl"), "demo")).toThrow(
    expect.objectContaining({ code: "TPC_OUTPUT" }),
  );
});
