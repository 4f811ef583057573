import type { FrameStore } from "./frame-store.ts";

/** Begins and ends an update that a terminal shows as one; what does not know them ignores them. */
const BEGIN = "\u001b[?2026h";
const END = "\u001b[?2026l";
/** A row that a terminal takes to be wider than it is must not push down the rows below. */
const NO_WRAP = "\u001b[?7l";
const WRAP = "\u001b[?7h";

/** Keeps a terminal's screen as the frame store has it. */
export interface Painter {
  /** Paints from now on. Returns how to end it. */
  start(): () => void;
  /** Somebody else has written on the screen: nothing is known of what it shows. */
  touched(): void;
  /** The terminal is another's until `release`. */
  hold(): void;
  release(): void;
}

/**
 * Writes the rows that have changed, each to its place. They are exact already: laying them out once more, and looking at
 * every cell of every row, as Ink does, would cost twice what making them costs. `fail` hears of a frame that could not be made.
 */
export function createPainter(
  frames: FrameStore,
  stdout: NodeJS.WriteStream,
  fail: (defect: Error) => void,
): Painter {
  let shown: readonly string[] = [];
  let isStarted = false;
  let isHeld = false;
  let isScheduled = false;

  const paint = (): void => {
    isScheduled = false;
    if (!isStarted || isHeld) return;
    // A terminal that does not keep up gets the newest frame when it has caught up, and none of those between.
    if (stdout.writableNeedDrain) {
      isScheduled = true;
      stdout.once("drain", paint);
      return;
    }
    const { lines, failure } = frames.get();
    if (failure !== null) return fail(failure);
    const changed = lines.flatMap((line, row) =>
      line === shown[row] ? [] : [`\u001b[${row + 1};1H\u001b[K${line}`],
    );
    shown = lines;
    if (changed.length === 0) return;
    stdout.write(`${BEGIN}${NO_WRAP}${changed.join("")}${WRAP}\u001b[${lines.length};1H${END}`);
  };
  /** What one key, or one turn, changes is painted once. */
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    queueMicrotask(paint);
  };
  const touched = (): void => {
    shown = [];
    if (isStarted) schedule();
  };

  return {
    start() {
      isStarted = true;
      const cancel = frames.subscribe(schedule);
      stdout.on("resize", touched);
      touched();
      return () => {
        isStarted = false;
        stdout.off("resize", touched);
        cancel();
      };
    },
    touched,
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
      touched();
    },
  };
}

/** The same output, for somebody else: `touched` hears of everything that is written to it. */
export function sharedOutput(stdout: NodeJS.WriteStream, touched: () => void): NodeJS.WriteStream {
  const write = (...given: Parameters<NodeJS.WriteStream["write"]>): boolean => {
    touched();
    return stdout.write(...given);
  };
  return new Proxy(stdout, {
    get(target, name) {
      if (name === "write") return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
