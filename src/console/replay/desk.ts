import type { Model } from "../../observe/model.ts";
import type { Replay } from "../../observe/replay/replay.ts";
import { searchSteps, type Wanted } from "../../observe/replay/search.ts";
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
  /** How much of the trace has been read, from 0 to 1. */
  readonly read: number;
  /** The step that a search has come to; null while nothing is looked for. */
  readonly searching: number | null;
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
  /** Goes to the nearest step, on or back, that adds a wanted line to the log; `ended` hears whether there was one. */
  find(direction: 1 | -1, wanted: Wanted, ended: (isFound: boolean) => void): void;
  /** Looks no further; false where nothing is looked for. */
  stopFinding(): boolean;
}

/** Between two processes of one machine a transaction takes milliseconds: the slowest speeds are there to be watched. */
export const SPEEDS: readonly number[] = [0.002, 0.01, 0.05, 0.25, 1, 4, 20, 100];
const FRAME_MS = 50;
/** How often the screen hears of what is read and looked through. */
const PROGRESS_MS = 250;
/** A search lets keys and frames in after so long. */
const SEARCH_SLICE_MS = 8;
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
  let search: { at: number; cancel(): void } | null = null;
  /** The end was asked for before it had been read. */
  let isForEnd = false;
  let shownMs = Number.NEGATIVE_INFINITY;
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
    read: replay.reading().share,
    searching: search?.at ?? null,
  });
  const isWhole = (): boolean => replay.reading().share >= 1;
  const showProgress = (): void => {
    if (nowMs() - shownMs < PROGRESS_MS) return;
    shownMs = nowMs();
    show(place());
  };
  const onRead = (): void => {
    if (!isWhole()) return showProgress();
    if (isForEnd) leap(steps.count);
    else show(place());
  };
  const goTo = (target: number): void => {
    step = Math.max(0, Math.min(steps.count, target));
    const model = replay.modelAt(step);
    store.set(() => model);
    show(place());
  };
  const stopSearch = (): boolean => {
    const isSearching = search !== null;
    search?.cancel();
    search = null;
    return isSearching;
  };
  const stop = (): void => {
    stopSearch();
    isForEnd = false;
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
      if (reached >= steps.count && isWhole()) stop();
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

  const find = (direction: 1 | -1, wanted: Wanted, ended: (isFound: boolean) => void): void => {
    stop();
    const looking = searchSteps(replay, step, direction, wanted);
    const goOn = (): void => {
      const untilMs = nowMs() + SEARCH_SLICE_MS;
      let next = looking.next();
      while (!next.done && nowMs() < untilMs) next = looking.next();
      if (!next.done) {
        const immediate = setImmediate(goOn);
        search = { at: next.value, cancel: () => clearImmediate(immediate) };
        return showProgress();
      }
      search = null;
      if (next.value === null) show(place());
      else goTo(next.value);
      ended(next.value !== null);
    };
    goOn();
  };
  const stopReading = replay.onRead(onRead);

  return {
    get: store.get,
    subscribe: store.subscribe,
    // What the user does to a recorded run changes nothing in it.
    note: () => {},
    forget: () => {},
    close() {
      stop();
      stopReading();
    },
    place,
    move: (direction, size) => leap(direction > 0 ? steps.after(step, size) : steps.before(step, size)),
    toStart: () => leap(0),
    toEnd() {
      leap(steps.count);
      isForEnd = !isWhole();
    },
    toggle() {
      if (steps.count === 0) return;
      if (timer === null) return play();
      stop();
      show(place());
    },
    faster: () => change(1),
    slower: () => change(-1),
    find,
    stopFinding() {
      const wasFinding = stopSearch();
      if (wasFinding) show(place());
      return wasFinding;
    },
  };
}
