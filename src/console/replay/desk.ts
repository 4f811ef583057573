import type { Model } from "../../observe/model.ts";
import type { Replay } from "../../observe/replay/replay.ts";
import type { StepSize } from "../../observe/replay/steps.ts";
import type { ModelStore } from "../model-store.ts";
import { createStore } from "../store.ts";

/** Where a replay stands. Plain values only. */
export interface ReplayPlace {
  readonly step: number;
  readonly count: number;
  /** The time of the step, of the first and of the last one, in milliseconds since 1970. */
  readonly atMs: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly isPlaying: boolean;
  /** Recorded seconds that pass in a second. */
  readonly speed: number;
}

/** A recorded run as a model that changes when the user steps. */
export interface ReplayDesk extends ModelStore {
  place(): ReplayPlace;
  move(direction: 1 | -1, size: StepSize): void;
  toStart(): void;
  toEnd(): void;
  /** Plays on, or stands still; at the end it begins anew. */
  toggle(): void;
  faster(): void;
  slower(): void;
}

/** Between two processes of one machine a transaction takes milliseconds: the slowest speeds are there to be watched. */
export const SPEEDS: readonly number[] = [0.002, 0.01, 0.05, 0.25, 1, 4, 20, 100];
const FRAME_MS = 50;
/** Nobody waits longer for the next event, whatever the recorded run did. */
const IDLE_MAX_MS = 2_000;

export function createReplayDesk(options: {
  readonly replay: Replay;
  /** Called when the place has changed. */
  readonly show: (place: ReplayPlace) => void;
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number;
}): ReplayDesk {
  const { replay, show, nowMs } = options;
  const { steps } = replay;
  let step = Math.min(steps.count, Math.max(steps.opening, Math.min(1, steps.count)));
  let speed = 1;
  let timer: NodeJS.Timeout | null = null;
  /** The recorded time that is shown at a moment while it plays. */
  let playing = { recordedMs: 0, sinceMs: 0 };
  const store = createStore<Model>(replay.modelAt(step));

  const place = (): ReplayPlace => ({
    step,
    count: steps.count,
    atMs: steps.timeMs(step),
    startMs: steps.timeMs(0),
    endMs: steps.timeMs(steps.count),
    isPlaying: timer !== null,
    speed,
  });
  const goTo = (target: number): void => {
    step = Math.max(0, Math.min(steps.count, target));
    const model = replay.modelAt(step);
    store.set(() => model);
    show(place());
  };
  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  const mark = (): void => {
    playing = { recordedMs: steps.timeMs(step), sinceMs: nowMs() };
  };
  const tick = (): void => {
    const recordedMs = playing.recordedMs + (nowMs() - playing.sinceMs) * speed;
    const reached = steps.at(recordedMs);
    if (reached > step) {
      if (reached >= steps.count) stop();
      return goTo(reached);
    }
    const waitMs = (steps.timeMs(step + 1) - recordedMs) / speed;
    if (waitMs > IDLE_MAX_MS) playing.recordedMs += (waitMs - IDLE_MAX_MS) * speed;
  };
  const play = (): void => {
    if (step >= steps.count) step = Math.min(steps.opening, steps.count - 1);
    mark();
    timer = setInterval(tick, FRAME_MS);
    goTo(step);
  };
  const change = (by: 1 | -1): void => {
    const index = SPEEDS.indexOf(speed) + by;
    speed = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, index))] ?? speed;
    mark();
    show(place());
  };
  const leap = (target: number): void => {
    stop();
    goTo(target);
  };

  return {
    get: store.get,
    subscribe: store.subscribe,
    // What the user does to a recorded run changes nothing in it.
    note: () => {},
    close: stop,
    place,
    move: (direction, size) => leap(direction > 0 ? steps.after(step, size) : steps.before(step, size)),
    toStart: () => leap(0),
    toEnd: () => leap(steps.count),
    toggle() {
      if (steps.count === 0) return;
      if (timer === null) return play();
      stop();
      show(place());
    },
    faster: () => change(1),
    slower: () => change(-1),
  };
}
