import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createModelStore } from "../../src/console/model-store.ts";
import type { PeerView } from "../../src/schema/views.ts";
import { COORDINATOR, createStory, LEDGER, tellOrder, WAREHOUSE } from "./story.ts";

// Goal: news are on the screen at once, and what is none wakes nobody.

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const story = createStory();
  story.begin();
  const store = createModelStore({
    watcher: story.watcher,
    recorder: null,
    nowMs: Date.now,
    isSlow: () => false,
  });
  let flushes = 0;
  store.subscribe(() => {
    flushes += 1;
  });
  const peer = (name: PeerView["name"], change: Partial<PeerView> = {}): void => {
    const known = store
      .get()
      .nodes.get(COORDINATOR)
      ?.view?.peers.find((each) => each.name === name);
    if (known === undefined) throw new TypeError(`the story knows no peer ${name}`);
    story.tell(COORDINATOR, null, { type: "peer-changed", peer: { ...known, ...change } });
  };
  vi.advanceTimersByTime(1_000);
  return { story, peer, flushes: () => flushes, close: store.close };
}

test("heartbeats wait for each other, a second at most", () => {
  const { peer, flushes, close } = watched();
  peer(LEDGER, { roundTripMs: 3 });
  vi.advanceTimersByTime(500);
  peer(WAREHOUSE, { roundTripMs: 4 });
  expect(flushes()).toBe(0);
  vi.advanceTimersByTime(500);
  expect(flushes()).toBe(1);
  close();
});

test("a peer that is lost, and whatever else is told, is shown at once with the heartbeats before it", () => {
  const { story, peer, flushes, close } = watched();
  peer(LEDGER, { roundTripMs: 3 });
  peer(LEDGER, { connected: false });
  expect(flushes()).toBe(1);
  vi.advanceTimersByTime(2_000);
  peer(WAREHOUSE, { roundTripMs: 4 });
  tellOrder(story, 1, "committed");
  expect(flushes()).toBe(2);
  vi.advanceTimersByTime(66);
  expect(flushes()).toBe(3);
  vi.advanceTimersByTime(5_000);
  expect(flushes()).toBe(3);
  close();
});

test("where too much is told to be read, the screen follows twice a second, and at once when it is over", () => {
  const { story, flushes, close } = watched();
  const note = (): void => story.tell(LEDGER, null, { type: "note", text: "one of many" });
  const tellFor = (milliseconds: number, eventsPerMs: number): void => {
    for (let passed = 0; passed < milliseconds; passed += 1) {
      for (let event = 0; event < eventsPerMs; event += 1) note();
      vi.advanceTimersByTime(1);
    }
  };
  tellFor(1_000, 2);
  const atReading = flushes();
  expect(atReading).toBeGreaterThan(12);
  tellFor(2_000, 6);
  const before = flushes();
  tellFor(2_000, 6);
  expect(flushes() - before).toBe(4);
  vi.advanceTimersByTime(2_000);
  const last = flushes();
  note();
  expect(flushes()).toBe(last + 1);
  note();
  vi.advanceTimersByTime(66);
  expect(flushes()).toBe(last + 2);
  close();
});
