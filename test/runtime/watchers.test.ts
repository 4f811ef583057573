import { expect, test } from "vitest";
import { createTestLink, openWatchers, type TestLink } from "./fixtures.ts";

// A watcher gets a snapshot and every event after it; one that does not keep up misses events, knows it, and starts again.

const MEBIBYTE = 1_048_576;

function watched() {
  return openWatchers().watchers;
}

const note = { type: "note", text: "so" } as const;

/** `snapshot N` and `events FIRST-LAST`, as they came. */
function heard(link: TestLink): string[] {
  return link.sent.map((message) => {
    if (message.type === "snapshot") return `snapshot ${message.snapshot.number}`;
    if (message.type !== "events") return message.type;
    return `events ${message.events[0]?.number}-${message.events.at(-1)?.number}`;
  });
}

test("events go out at the end of a turn, in order and without gaps", () => {
  const watchers = watched();
  const link = createTestLink();
  watchers.emit(null, note); // Nobody watches: not even counted.
  watchers.subscribe(link);
  watchers.emit(null, note);
  watchers.emit(null, note);
  expect(heard(link)).toEqual(["snapshot 0"]);
  watchers.flush();
  watchers.emit(null, note);
  watchers.flush();
  watchers.flush();
  expect(heard(link)).toEqual(["snapshot 0", "events 1-2", "events 3-3"]);
});

test("who comes in the middle of a turn gets what has happened in its snapshot only", () => {
  const watchers = watched();
  const [early, late] = [createTestLink(), createTestLink()];
  watchers.subscribe(early);
  watchers.emit(null, note);
  watchers.subscribe(late);
  watchers.emit(null, note);
  watchers.flush();
  expect(heard(early)).toEqual(["snapshot 0", "events 1-1", "events 2-2"]);
  expect(heard(late)).toEqual(["snapshot 1", "events 2-2"]);
});

test("a lagging watcher gets nothing until it has caught up, then a snapshot; others are not slowed", () => {
  const watchers = watched();
  const [slow, quick] = [createTestLink(), createTestLink()];
  watchers.subscribe(slow);
  watchers.subscribe(quick);
  const turn = (unreadBytes: number) => {
    slow.unreadBytes = unreadBytes;
    watchers.emit(null, note);
    watchers.flush();
  };
  turn(MEBIBYTE);
  turn(MEBIBYTE + 1);
  turn(MEBIBYTE / 2);
  turn(65_536);
  turn(0);
  expect(heard(slow)).toEqual(["snapshot 0", "events 1-1", "snapshot 4", "events 5-5"]);
  expect(heard(quick)).toEqual([
    "snapshot 0",
    ...[1, 2, 3, 4, 5].map((number) => `events ${number}-${number}`),
  ]);
});

test("while nobody keeps up nothing is built, and who catches up is told without a turn", () => {
  const { watchers, clock } = openWatchers();
  const slow = createTestLink();
  watchers.subscribe(slow);
  slow.unreadBytes = MEBIBYTE + 1;
  watchers.flush();
  expect(watchers.isWatched()).toBe(false);
  expect(watchers.tells(null)).toBe(false);
  watchers.emit(null, note); // Not even counted.
  clock.advance(250);
  expect(watchers.isWatched()).toBe(false);
  slow.unreadBytes = 0;
  clock.advance(250);
  expect(watchers.isWatched()).toBe(true);
  expect(heard(slow)).toEqual(["snapshot 0", "snapshot 0"]);
  expect(clock.scheduled()).toEqual([]);
});

test("a frame carries five hundred events at most", () => {
  const watchers = watched();
  const link = createTestLink();
  watchers.subscribe(link);
  for (let count = 0; count < 1_001; count += 1) watchers.emit(null, note);
  watchers.flush();
  expect(heard(link)).toEqual(["snapshot 0", "events 1-500", "events 501-1000", "events 1001-1001"]);
});

test("who has left is sent nothing, and the next one nothing of before", () => {
  const watchers = watched();
  const [one, other] = [createTestLink(), createTestLink()];
  watchers.subscribe(one);
  watchers.emit(null, note);
  watchers.unsubscribe(one);
  expect(watchers.isWatched()).toBe(false);
  watchers.subscribe(other);
  watchers.flush();
  expect([heard(one), heard(other)]).toEqual([["snapshot 0"], ["snapshot 1"]]);
});
