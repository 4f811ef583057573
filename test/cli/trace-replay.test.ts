import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openTrace } from "../../src/cli/trace-replay.ts";
import { formatTraceLine } from "../../src/codec/trace.ts";
import { tellOrder } from "../console/story.ts";
import { record } from "../observe/replay/recorded.ts";

// Goal: a trace on disk is read as it was written; what is cut off at its end is left out, what is no trace is named.

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "tpc-replay-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const HEADER = '{"type":"trace","version":2,"startedAtMs":5,"name":"demo"}';
const lines = record((story) => tellOrder(story, 1, "committed"));

async function read(text: string, progress: number[] = []) {
  const path = join(dir, "run.jsonl");
  await writeFile(path, text);
  return openTrace(path, (share) => progress.push(share));
}

function written(...more: string[]): string {
  return `${[HEADER, ...lines.map(formatTraceLine), ...more].join("\n")}\n`;
}

it("reads what was written, at any step, and sums it up", async () => {
  const progress: number[] = [];
  const trace = await read(written(), progress);
  expect(trace.scan).toMatchObject({
    lines: lines.length,
    unknown: 0,
    isCut: false,
    header: { name: "demo" },
  });
  const { replay } = trace;
  expect(replay.modelAt(replay.steps.count).transactions.size).toBe(1);
  expect(replay.modelAt(replay.steps.opening).transactions.size).toBe(0);
  expect(trace.tally.summary()).toMatchObject({
    transactions: { committed: 1, aborted: 0, unfinished: 0 },
    nodes: [{ name: "coordinator" }, { name: "warehouse" }, { name: "ledger" }],
  });
  expect(progress.at(-1)).toBe(1);
  trace.close();
});

it("leaves out a last line that was cut off, and takes one that lacks only its line end", async () => {
  const cut = await read(written().slice(0, -40));
  expect(cut.scan).toMatchObject({ isCut: true, lines: lines.length - 1 });
  cut.close();
  const whole = await read(written().trimEnd());
  expect(whole.scan).toMatchObject({ isCut: false, lines: lines.length });
  whole.close();
});

it("leaves out and counts what a newer program wrote", async () => {
  const trace = await read(written('{"type":"weather","sky":"blue"}', ""));
  expect(trace.scan).toMatchObject({ unknown: 1, lines: lines.length });
  trace.close();
});

it.each([
  ["", 1, "the file is empty"],
  ["hello\n", 1, "a trace begins with a line"],
  [`${HEADER}\n{"type":"note"}\n`, 2, "note at"],
  [`${HEADER}\n\nnonsense\n${HEADER}\n`, 3, "is not valid JSON"],
  ['{"type":"trace","version":99,"startedAtMs":1}\n', 1, "its format is version 99"],
])("names the line of what is no trace: %j", async (text, line, why) => {
  await expect(read(text)).rejects.toMatchObject({
    code: "TPC_BAD_INPUT",
    message: expect.stringMatching(new RegExp(`run\\.jsonl:${line}: .*${why}`)),
  });
});

it("needs a file that it can go back and forth in", async () => {
  await expect(openTrace(join(dir, "none"), () => {})).rejects.toMatchObject({ code: "TPC_NO_INPUT" });
  await expect(openTrace(dir, () => {})).rejects.toMatchObject({ message: /it is a directory/ });
});
