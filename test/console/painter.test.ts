import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import type { Frame } from "../../src/console/frame-store.ts";
import { createPainter, sharedOutput } from "../../src/console/painter.ts";

// Goal: the terminal shows the newest frame for as few bytes as that takes, whoever else has written on it.

function canvas() {
  const written: string[] = [];
  const stdout = Object.assign(new EventEmitter(), {
    writableNeedDrain: false,
    write(text: string) {
      written.push(text);
      return true;
    },
  });
  const listeners = new Set<() => void>();
  const defects: Error[] = [];
  let frame: Frame = { lines: ["one", "two"], failure: null };
  const frames = {
    get: () => frame,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const terminal = stdout as unknown as NodeJS.WriteStream;
  const painter = createPainter(frames, terminal, (defect) => void defects.push(defect));
  return {
    painter,
    stdout,
    terminal,
    defects,
    /** What was written since it was asked last: by row, what it was made. */
    async rows(): Promise<string[]> {
      await Promise.resolve();
      return [
        ...written
          .splice(0)
          .join("")
          .matchAll(/\u001b\[(\d+);1H\u001b\[K([a-z]+)/g),
      ].map(([, row, text]) => `${row} ${text}`);
    },
    show(...lines: string[]) {
      frame = { lines, failure: null };
      for (const listener of listeners) listener();
    },
    fail(failure: Error) {
      frame = { lines: [], failure };
      for (const listener of listeners) listener();
    },
  };
}

test("first every row is written, then those that differ, once for all that changes in one go", async () => {
  const { painter, rows, show } = canvas();
  painter.start();
  expect(await rows()).toEqual(["1 one", "2 two"]);
  show("one", "deux");
  show("one", "zwei");
  expect(await rows()).toEqual(["2 zwei"]);
  show("one", "zwei");
  expect(await rows()).toEqual([]);
});

test("what somebody else has written is painted over, and so is a screen of another size", async () => {
  const { painter, rows, terminal, stdout } = canvas();
  painter.start();
  await rows();
  sharedOutput(terminal, painter.touched).write("a stray line");
  expect(await rows()).toEqual(["1 one", "2 two"]);
  stdout.emit("resize");
  expect(await rows()).toEqual(["1 one", "2 two"]);
});

test("a terminal that is another's is left alone, and shows all again when it is back", async () => {
  const { painter, rows, show } = canvas();
  const stop = painter.start();
  await rows();
  painter.hold();
  show("three", "four");
  expect(await rows()).toEqual([]);
  painter.release();
  expect(await rows()).toEqual(["1 three", "2 four"]);
  stop();
  show("five", "six");
  painter.touched();
  expect(await rows()).toEqual([]);
});

test("a terminal that does not keep up is shown the newest frame when it does, and none between", async () => {
  const { painter, rows, show, stdout } = canvas();
  painter.start();
  await rows();
  stdout.writableNeedDrain = true;
  show("three", "two");
  show("four", "two");
  expect(await rows()).toEqual([]);
  stdout.writableNeedDrain = false;
  stdout.emit("drain");
  expect(await rows()).toEqual(["1 four"]);
});

test("a frame that cannot be made is told, and not painted", async () => {
  const { painter, rows, fail, defects } = canvas();
  painter.start();
  await rows();
  fail(new Error("no frame"));
  expect(await rows()).toEqual([]);
  expect(defects.map(({ message }) => message)).toEqual(["no frame"]);
});
