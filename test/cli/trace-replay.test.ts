import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openTrace } from "../../src/cli/trace-replay.ts";
import { createTally } from "../../src/cli/trace-tally.ts";
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

async function read(text: string) {
  const path = join(dir, "run.jsonl");
  await writeFile(path, text);
  const trace = await openTrace(path);
  return { trace, scan: await trace.whole, remark: trace.replay.reading().remark };
}

function written(...more: string[]): string {
  return `${[HEADER, ...lines.map(formatTraceLine), ...more].join("\n")}\n`;
}

it("reads what was written, at any step", async () => {
  const { trace, scan, remark } = await read(written());
  expect(trace.header).toMatchObject({ name: "demo" });
  expect(scan).toMatchObject({ lines: lines.length, unknown: 0, isCut: false });
  expect(remark).toBeNull();
  const { replay } = trace;
  expect(replay.modelAt(replay.steps.count).transactions.size).toBe(1);
  expect(replay.modelAt(replay.steps.opening).transactions.size).toBe(0);
  expect(replay.reading()).toMatchObject({ share: 1, isBroken: false });
  trace.close();
});

it("sums up what it holds", async () => {
  const path = join(dir, "run.jsonl");
  await writeFile(path, written());
  const tally = createTally();
  const trace = await openTrace(path, tally.add);
  await trace.whole;
  trace.close();
  expect(tally.summary()).toMatchObject({
    transactions: { committed: 1, aborted: 0, unfinished: 0 },
    nodes: [{ name: "coordinator" }, { name: "warehouse" }, { name: "ledger" }],
  });
});

it("leaves out a last line that was cut off, and takes one that lacks only its line end", async () => {
  const cut = await read(written().slice(0, -40));
  expect(cut.scan).toMatchObject({ isCut: true, lines: lines.length - 1 });
  expect(cut.remark).toContain("cut off");
  cut.trace.close();
  const whole = await read(written().trimEnd());
  expect(whole.scan).toMatchObject({ isCut: false, lines: lines.length });
  whole.trace.close();
});

it("leaves out and counts what a newer program wrote", async () => {
  const { trace, scan, remark } = await read(written('{"type":"weather","sky":"blue"}', ""));
  expect(scan).toMatchObject({ unknown: 1, lines: lines.length });
  expect(remark).toBe("1 line of a newer kind left out");
  trace.close();
});

const TIMES = 200;

/** Many runs one after another: far more than is read before a trace is open. */
function long(...more: string[]): string {
  const text = lines.map(formatTraceLine);
  return `${[HEADER, ...Array.from({ length: TIMES }, () => text).flat(), ...more].join("\n")}\n`;
}

it("is open before it is read, tells how far the reading is, and holds the whole in the end", async () => {
  const path = join(dir, "run.jsonl");
  await writeFile(path, long());
  const trace = await openTrace(path);
  const { replay } = trace;
  const atOpening = { share: replay.reading().share, count: replay.steps.count };
  expect(atOpening.share).toBeGreaterThan(0);
  expect(atOpening.share).toBeLessThan(1);
  expect(replay.modelAt(replay.steps.opening).nodes.size).toBe(3);
  const shares: number[] = [];
  replay.onRead(() => shares.push(replay.reading().share));
  expect((await trace.whole).lines).toBe(TIMES * lines.length);
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(replay.steps.count).toBeGreaterThan(2 * atOpening.count);
  trace.close();
});

it("shows what comes before a bad line far into a trace, and names the line", async () => {
  const path = join(dir, "run.jsonl");
  await writeFile(path, long("nonsense", ...lines.map(formatTraceLine)));
  const trace = await openTrace(path);
  await expect(trace.whole).rejects.toMatchObject({ code: "TPC_BAD_INPUT" });
  const { share, remark, isBroken } = trace.replay.reading();
  expect({ share, isBroken }).toEqual({ share: 1, isBroken: true });
  expect(remark).toContain(`run.jsonl:${TIMES * lines.length + 2}: `);
  expect(trace.replay.modelAt(trace.replay.steps.count).transactions.size).toBe(1);
  trace.close();
});

// Recorded by the first program that wrote version 2. It stays as it is: what is added to events and views must be optional.
it("reads a trace that an older program wrote", async () => {
  const trace = await openTrace(join(import.meta.dirname, "traces/version-2.jsonl"));
  expect(await trace.whole).toMatchObject({ header: { version: 2 }, unknown: 0, isCut: false });
  const { steps } = trace.replay;
  const model = trace.replay.modelAt(steps.count);
  const outcomes = [...model.transactions.values()].map(({ coordinatorView }) => coordinatorView?.outcome);
  expect(outcomes).toEqual(["committed", "committed"]);
  expect(model.log.some((entry) => entry.type === "life" && entry.change === "gone")).toBe(true);
  trace.close();
});

it("reads a trace of the first version, which told no times of its own", async () => {
  const first = lines.flatMap((line) => (line.type === "snapshot" || line.type === "event" ? [line] : []));
  const text = first.map((line) => {
    const { atMs: _, ...timeless } = { atMs: 0, ...line };
    return JSON.stringify(timeless);
  });
  const { trace, scan } = await read(
    `${[HEADER.replace('"version":2', '"version":1'), ...text].join("\n")}\n`,
  );
  expect(scan).toMatchObject({ lines: first.length, unknown: 0 });
  expect(trace.replay.modelAt(trace.replay.steps.count).transactions.size).toBe(1);
  trace.close();
});

it("refuses a trace of a newer version in one line, whatever its header looks like", async () => {
  await expect(read('{"type":"trace","version":99,"epoch":"new"}\n')).rejects.toMatchObject({
    code: "TPC_TRACE_VERSION",
    message: expect.stringMatching(/run\.jsonl:1: its format is version 99, this program reads up to 2$/),
  });
});

it.each([
  ["", 1, "the file is empty"],
  ["hello\n", 1, "a trace begins with a line"],
  [`${HEADER}\n{"type":"note"}\n`, 2, "note at"],
  [`${HEADER}\n\nnonsense\n${HEADER}\n`, 3, "is not valid JSON"],
  ['{"type":"trace","version":2}\n', 1, "the header"],
])("names the line of what is no trace: %j", async (text, line, why) => {
  await expect(read(text)).rejects.toMatchObject({
    code: "TPC_BAD_INPUT",
    message: expect.stringMatching(new RegExp(`run\\.jsonl:${line}: .*${why}`)),
  });
});

it("needs a file that it can go back and forth in", async () => {
  await expect(openTrace(join(dir, "none"))).rejects.toMatchObject({ code: "TPC_NO_INPUT" });
  await expect(openTrace(dir)).rejects.toMatchObject({ message: /it is a directory/ });
});
