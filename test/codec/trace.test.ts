import { expect, it } from "vitest";
import { formatTraceLine, readTraceHeader, readTraceLine } from "../../src/codec/trace.ts";
import { traceLinesOf, updateOf } from "../../src/observe/trace.ts";
import type { NodeEvent } from "../../src/schema/events.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import { TRACE_VERSION } from "../../src/schema/trace.ts";
import { createStory, WAREHOUSE } from "../console/story.ts";

// Goal: what is recorded is what is read, and what is no trace is named by what is wrong with it.

const event: NodeEvent = {
  node: "ledger" as NodeName,
  epoch: 1,
  number: 7,
  atMs: 6,
  transactionId: null,
  body: { type: "note", text: "hello" },
};

it("reads every line that it writes as the update it was made from", () => {
  const story = createStory();
  story.begin();
  const heard: Parameters<typeof traceLinesOf>[0][] = [];
  story.watcher.subscribe((update) => heard.push(update));
  story.tell(WAREHOUSE, null, { type: "note", text: "hello" });
  heard.push(
    { type: "disconnected", node: WAREHOUSE, why: "reset" },
    { type: "note", atMs: 9, text: "kill" },
  );
  for (const update of heard) {
    for (const line of traceLinesOf(update, 5)) {
      const read = readTraceLine(formatTraceLine(line));
      expect(read).toMatchObject({ is: "line", line: { type: line.type } });
      if (read.is === "line") expect(updateOf(read.line)).toMatchObject(update);
    }
  }
  expect(new Set(heard.map(({ type }) => type)).size).toBe(6);
});

it("makes one line of each of several events", () => {
  const lines = traceLinesOf({ type: "events", events: [event, { ...event, number: 8 }] }, 5);
  expect(lines).toEqual([
    { type: "event", event },
    { type: "event", event: { ...event, number: 8 } },
  ]);
});

it("reads older versions, refuses newer ones, and tells what is no trace", () => {
  const header = { type: "trace", version: 1, startedAtMs: 5 } as const;
  expect(readTraceHeader(JSON.stringify(header))).toEqual({ header });
  expect(readTraceHeader(JSON.stringify({ ...header, version: TRACE_VERSION + 1 }))).toEqual({
    problem: `its format is version ${TRACE_VERSION + 1}, this program reads up to ${TRACE_VERSION}`,
    isNewer: true,
  });
  expect(readTraceHeader('{"type":"trace","version":"x"}')).toMatchObject({ problem: /version|startedAtMs/ });
  expect(readTraceHeader("PK\u0003\u0004")).toMatchObject({ problem: /^a trace begins with a line/ });
});

it("skips a kind of line that it does not know, and names what is wrong with one that it does", () => {
  expect(readTraceLine('{"type":"weather","sky":"blue"}')).toEqual({ is: "unknown", type: "weather" });
  expect(readTraceLine('{"type":"note"}')).toMatchObject({ is: "problem", problem: /^note at/ });
  expect(readTraceLine('{"type":"event","event":{}}')).toMatchObject({
    is: "problem",
    problem: /^event at \/event/,
  });
  const body = JSON.stringify({ type: "event", event: { ...event, body: { type: "alarm", text: 7 } } });
  expect(readTraceLine(body)).toMatchObject({ is: "problem", problem: /^event alarm at \/text/ });
  expect(readTraceLine("[]")).toMatchObject({ is: "problem" });
  expect(readTraceLine('{"type":"note","te')).toMatchObject({ is: "problem" });
});
