import { isAway } from "../observe/node-status.ts";
import { unfinishedTransactions } from "../observe/transaction.ts";
import { frameRows } from "./frame.ts";
import { isPulsing } from "./header.ts";
import type { Session } from "./session.ts";
import { paintRow, paletteOf } from "./theme.ts";
import type { View } from "./view.ts";

/** What is on the screen. */
export interface Frame {
  /** One string a row, for the terminal. */
  readonly lines: readonly string[];
  /** A defect while drawing. */
  readonly failure: Error | null;
}

/** The frame of this moment, and word of each change. */
export interface FrameStore {
  get(): Frame;
  subscribe(listener: () => void): () => void;
}

/** How often ages are drawn anew, only while something has an age. */
const TICK_MS = 1_000;
const MINUTE_MS = 60_000;

/**
 * Draws when model, user or size have changed since it was last asked.
 */
export function createFrameStore(session: Session): FrameStore {
  const listeners = new Set<() => void>();
  let drawnFor: readonly unknown[] = [];
  let frame: Frame = { lines: [], failure: null };
  let ticks = 0;
  let timer: NodeJS.Timeout | null = null;

  const keepTicking = (isNeeded: boolean): void => {
    if (isNeeded === (timer !== null)) return;
    if (timer !== null) clearInterval(timer);
    timer = isNeeded ? setInterval(tick, TICK_MS) : null;
  };
  let clock: NodeJS.Timeout | null = null;
  /** The clock in the header moves once a minute, whatever else happens. */
  const keepClock = (isNeeded: boolean): void => {
    if (clock !== null) clearTimeout(clock);
    clock = isNeeded ? setTimeout(onMinute, MINUTE_MS - (session.nowMs() % MINUTE_MS)) : null;
  };
  const onMinute = (): void => {
    keepClock(true);
    tick();
  };
  const notify = (): void => {
    for (const listener of listeners) listener();
  };
  const tick = (): void => {
    ticks += 1;
    notify();
  };

  return {
    get() {
      const { columns, rows } = session.size();
      const wanted = [session.model.get(), session.ui.get(), columns, rows, ticks];
      if (wanted.every((value, index) => Object.is(value, drawnFor[index]))) return frame;
      drawnFor = wanted;
      frame = drawFrame(session, columns, rows);
      keepTicking(listeners.size > 0 && frame.failure === null && isAging(session.view()));
      return frame;
    },
    subscribe(listener) {
      listeners.add(listener);
      const cancels = [session.model.subscribe(listener), session.ui.subscribe(listener)];
      keepTicking(isAging(session.view()));
      keepClock(session.replay === null);
      return () => {
        for (const cancel of cancels) cancel();
        listeners.delete(listener);
        if (listeners.size > 0) return;
        keepTicking(false);
        keepClock(false);
      };
    },
  };
}

/** Whether something on the screen says for how long: then the clock ticks, also while nothing is unfinished. */
export function isAging({ model, ui, nowMs }: View): boolean {
  const isAnyAway = ui.replay === null && [...model.nodes.keys()].some((name) => isAway(model, name));
  return (
    ui.times === "since" ||
    isAnyAway ||
    unfinishedTransactions(model).length > 0 ||
    isPulsing({ model, nowMs })
  );
}

/** A defect ends the console with an error; thrown on, Ink would show its text as it is, with whatever a node put into it. */
function drawFrame(session: Session, columns: number, rows: number): Frame {
  try {
    const { theme, background } = session.ui.get();
    const palette = paletteOf(theme, session.colors, background);
    const lines = frameRows(session.view(), columns, rows).map((row) => paintRow(row, columns, palette));
    return { lines, failure: null };
  } catch (error) {
    return { lines: [], failure: error instanceof Error ? error : new Error(String(error)) };
  }
}
