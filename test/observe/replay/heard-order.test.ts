import { expect, it } from "vitest";
import { inHeardOrder } from "../../../src/observe/replay/heard-order.ts";
import { traceLinesOf } from "../../../src/observe/trace.ts";
import type { TraceLine } from "../../../src/schema/trace.ts";
import { COORDINATOR, createStory, tellOrder, WAREHOUSE } from "../../console/story.ts";

// Goal: in a replay no message arrives before it was sent, though its arrival was heard first.

function ordered(lines: readonly TraceLine[]): readonly TraceLine[] {
  const result: TraceLine[] = [];
  const order = inHeardOrder<null>((line) => result.push(line));
  for (const line of lines) order.add(line, null);
  order.finish();
  return result;
}

const told: TraceLine[] = [];
const story = createStory();
story.watcher.subscribe((update) => told.push(...traceLinesOf(update, story.nowMs())));
story.begin();
tellOrder(story, 1, "committed");
const before = told.filter(({ type }) => type !== "event");
const events = told.filter((line) => line.type === "event");

it("leaves alone what was heard in order", () => {
  expect(ordered(told)).toEqual(told);
});

it("puts what each node told by itself in the order in which it happened", () => {
  const nodes = [...new Set(events.map(({ event }) => event.node))].reverse();
  const heard = nodes.flatMap((name) => events.filter(({ event }) => event.node === name));
  expect(heard).not.toEqual(events);
  expect(ordered([...before, ...heard])).toEqual(told);
});

it("puts a departure before its arrival though the clocks say otherwise", () => {
  const skewed = events.map((line): TraceLine => {
    const { event } = line;
    return event.node === WAREHOUSE ? { ...line, event: { ...event, atMs: event.atMs - 40 } } : line;
  });
  const result = ordered([...skewed].reverse().toSorted((a, b) => numberOf(a) - numberOf(b)));
  const sent = result.findIndex((line) => isPrepare(line, "message-sent"));
  const received = result.findIndex((line) => isPrepare(line, "message-received"));
  expect(sent).toBeGreaterThanOrEqual(0);
  expect(sent).toBeLessThan(received);
});

it("puts a note after what happened before it and was heard after it", () => {
  const middle = Math.floor(events.length / 2);
  const at = events[middle]?.event.atMs ?? 0;
  const note: TraceLine = { type: "note", atMs: at, text: "committed" };
  const result = ordered([...before, note, ...events]);
  expect(result.indexOf(note)).toBeGreaterThanOrEqual(before.length + middle);
  expect(result.filter((line) => line !== note)).toEqual(told);
});

it("lets nothing pass a snapshot", () => {
  const [snapshot] = before.filter(({ type }) => type === "snapshot");
  const [first, ...others] = events;
  if (snapshot === undefined || first === undefined) throw new Error("no story");
  const result = ordered([...others, snapshot, first]);
  expect(result.indexOf(snapshot)).toBe(others.length);
});

function numberOf(line: TraceLine): number {
  return line.type === "event" ? line.event.number : 0;
}

function isPrepare(line: TraceLine, type: "message-sent" | "message-received"): boolean {
  if (line.type !== "event" || line.event.body.type !== type || line.event.body.message !== "prepare")
    return false;
  const { body, node } = line.event;
  return body.type === "message-sent"
    ? body.to === WAREHOUSE
    : node === WAREHOUSE && body.from === COORDINATOR;
}
