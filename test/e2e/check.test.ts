import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { formatTraceLine } from "../../src/codec/trace.ts";
import { traceLinesOf } from "../../src/observe/trace.ts";
import { TRACE_VERSION } from "../../src/schema/trace.ts";
import { updatesOf } from "../conform/stories.ts";
import { type Home, makeHome } from "./program.ts";

// Goal: `check` says of a recorded run whether the protocol allows it, names the first step that it does not allow, and
// says in one line what is wrong with a file that is no trace.

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(() => home.remove());

const header = formatTraceLine({ type: "trace", version: TRACE_VERSION, startedAtMs: 1 });
const lines = [
  header,
  ...updatesOf("commit.txt").flatMap((update) => traceLinesOf(update, 1).map(formatTraceLine)),
];

async function check(text: string, ...options: string[]) {
  await writeFile(join(home.dir, "run.jsonl"), text);
  return home.run(["check", "run.jsonl", ...options]);
}

test("a run that the protocol allows", async () => {
  const whole = await check(`${lines.join("\n")}\n`);
  expect(whole).toMatchObject({ status: 0, stderr: "" });
  expect(whole.stdout).toMatch(
    /^run.jsonl: every step that was seen is allowed\n\d+ events, \d+ judgements\n$/,
  );
  const cut = await check(lines.join("\n").slice(0, -9));
  expect(cut).toMatchObject({ status: 0, stderr: "" });
  expect(cut.stdout).toContain("the last line was cut short, and is left out");
});

test("the first step that it does not allow", async () => {
  const vote = lines.findIndex(
    (line) => line.includes('"message-received"') && line.includes('"vote":"yes"'),
  );
  const changed = lines.map((line, index) =>
    index === vote ? line.replace('"vote":"yes"', '"vote":"no"') : line,
  );
  const told = await check(`${changed.join("\n")}\n`);
  const record = lines.findIndex((line) => line.includes('"record-appended"') && line.includes('"commit"'));
  expect(told).toMatchObject({ status: 1, stderr: "" });
  expect(told.stdout.split("\n").slice(0, 6)).toEqual([
    `run.jsonl:${record + 1}: not allowed`,
    expect.stringMatching(/ coordinator \+ commit coordinator:1.1 #2, to be forced$/),
    expect.stringMatching(/^ {2}step {5}event \d+ of coordinator, run 1$/),
    "  rule     the commit record follows the votes of all (presumed abort, decides commit)",
    "  found    warehouse voted no",
    "  allowed  abort",
  ]);
  const { stdout } = await check(`${changed.join("\n")}\n`, "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    violation: {
      fileLine: record + 1,
      node: "coordinator",
      rule: "the commit record follows the votes of all",
    },
  });
});

test.each<[string, string, number, RegExp]>([
  ["nothing", "", 65, /run.jsonl:1: the file is empty/],
  ["no trace", "{}\n", 65, /run.jsonl:1: a trace begins with a line/],
  ["garbage", `${header}\nnot a line\n`, 65, /run.jsonl:2: /],
  ["another version", `${header.replace(`"version":${TRACE_VERSION}`, '"version":99')}\n`, 78, /version 99/],
  ["a hole", `${lines.filter((line) => !line.includes('"number":3,')).join("\n")}\n`, 65, /follows event 2/],
])("one line about %s", async (_, text, status, words) => {
  const ended = await check(text);
  expect(ended).toMatchObject({ status, stdout: "" });
  expect(ended.stderr.split("\n")).toHaveLength(2);
  expect(ended.stderr).toMatch(words);
});

test("one line about a file that is not there", async () => {
  const ended = await home.run(["check", "nowhere.jsonl"]);
  expect(ended).toMatchObject({ status: 66, stdout: "" });
  expect(ended.stderr).toContain("nowhere.jsonl");
});
