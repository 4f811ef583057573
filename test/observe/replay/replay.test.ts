import { describe, expect, it } from "vitest";
import { emptyModel, type Model } from "../../../src/observe/model.ts";
import { reduce } from "../../../src/observe/reducer.ts";
import type { Replay } from "../../../src/observe/replay/replay.ts";
import { updateOf } from "../../../src/observe/trace.ts";
import type { TraceLine } from "../../../src/schema/trace.ts";
import { createChance } from "../../../src/sim/cluster/chance.ts";
import { LEDGER, START_MS, tellLedgerBack, tellLedgerDown, tellOrder } from "../../console/story.ts";
import { growingReplay, record, replayOf } from "./recorded.ts";

// Goal: a recorded run looks at every step as it looked then, from whichever side one comes.

/** What a watcher knew, taken in line by line. */
function lived(lines: readonly TraceLine[], count: number): Model {
  return lines.slice(0, count).reduce((model, line) => {
    const atMs = line.type === "event" ? undefined : line.atMs;
    return reduce(model, updateOf(line), atMs);
  }, emptyModel());
}

describe("a replay", () => {
  const long = record((story) => {
    for (let counter = 1; counter <= 300; counter += 1) {
      if (counter === 200) tellLedgerDown(story);
      if (counter === 201) tellLedgerBack(story);
      tellOrder(story, counter, counter % 7 === 0 ? "refused" : "committed");
    }
  });

  it("is at every step what a watcher knew then, wherever one comes from", () => {
    expect(long.length).toBeGreaterThan(10_000);
    const { replay } = replayOf(long);
    const chance = createChance(17);
    const wanted = [
      0,
      1,
      replay.steps.count,
      ...Array.from({ length: 3 }, () => chance.below(replay.steps.count)),
    ];
    for (const step of wanted) {
      expect(replay.modelAt(step), `at step ${step}`).toEqual(lived(long, replay.steps.lines(step)));
    }
    expect(replay.modelAt(replay.steps.count)).toEqual(lived(long, long.length));
  });

  it("is the same wherever one comes from though the clocks of its nodes differ", () => {
    const skewed = long.map((line): TraceLine => {
      if (line.type !== "event" || line.event.node !== LEDGER) return line;
      return { ...line, event: { ...line.event, atMs: line.event.atMs - 40 } };
    });
    const { replay } = replayOf(skewed);
    const middle = Math.floor(replay.steps.count / 2);
    replay.modelAt(middle - 3);
    expect(replay.modelAt(middle)).toEqual(lived(skewed, replay.steps.lines(middle)));
  });

  it("steps back through a long run without reading it anew each time", () => {
    const { replay, reads } = replayOf(long);
    const { steps } = replay;
    for (let step = steps.count; step > steps.count - 1_000; step -= 1) replay.modelAt(step);
    expect(reads.length).toBeLessThan(12);
  });

  it("goes on by events that are worth a look, and takes along what only follows from them", () => {
    const lines = record((story) => tellOrder(story, 1, "committed"));
    const { replay } = replayOf(lines);
    const { steps } = replay;
    expect(steps.count).toBeLessThan(lines.length);
    const texts = new Set<string>();
    for (let step = steps.opening; step < steps.count; step = steps.after(step, "event")) {
      const next = replay.modelAt(steps.after(step, "event"));
      const last = next.log.at(-1);
      texts.add(JSON.stringify(last));
      expect(next.log.length).toBeGreaterThan(replay.modelAt(step).log.length);
    }
    expect(texts.size).toBe(steps.count - steps.opening);
    expect(steps.before(steps.opening, "event")).toBe(steps.opening - 1);
  });

  it("goes on by phases and by transactions", () => {
    const { replay } = replayOf(
      record((story) => {
        tellOrder(story, 1, "committed");
        tellOrder(story, 2, "refused");
      }),
    );
    const { steps } = replay;
    const first = steps.after(steps.opening, "transaction");
    const second = steps.after(first, "transaction");
    expect(replay.modelAt(first).transactions.size).toBe(1);
    expect(replay.modelAt(second).transactions.size).toBe(2);
    expect(steps.after(second, "transaction")).toBe(steps.count);
    expect(steps.before(second, "transaction")).toBe(first);
    const phases: (string | undefined)[] = [];
    for (let step = first; step < second; step = steps.after(step, "phase")) {
      const [transaction] = [...replay.modelAt(step).transactions.values()];
      phases.push(transaction?.coordinatorView?.phase);
    }
    expect(phases).toContain("deciding");
    expect(phases.at(-1)).toBe("forgotten");
  });

  it("finds the step of a time", () => {
    const { steps } = replayOf(record((story) => tellOrder(story, 1, "committed"))).replay;
    expect(steps.at(START_MS - 1)).toBe(0);
    expect(steps.at(steps.timeMs(steps.count))).toBe(steps.count);
    const middle = Math.floor(steps.count / 2);
    expect(steps.timeMs(steps.at(steps.timeMs(middle)))).toBe(steps.timeMs(middle));
  });

  it("grows while its trace is read, and shows the same as one that is read", () => {
    const whole = replayOf(long).replay;
    const same = (run: Replay, step: number): void => {
      const line = run.steps.lines(step);
      const { modelAt, steps } = whole;
      expect(run.modelAt(step)).toEqual(modelAt(steps.ofLines(line)));
    };
    const { replay, add } = growingReplay();
    add(long.slice(0, 5_000), 0.4);
    const early = replay.steps.count;
    same(replay, early);
    add(long.slice(5_000, 9_000), 0.8);
    const later = replay.steps.count;
    expect(later).toBeGreaterThan(early);
    same(replay, later);
    add(long.slice(9_000), 1);
    expect(replay.steps.count).toBe(whole.steps.count);
    same(replay, early);
    same(replay, replay.steps.count);
  });

  it("finds the step that has taken in a line", () => {
    const { steps } = replayOf(long).replay;
    for (let step = 1; step <= steps.count; step += 97) {
      expect(steps.ofLines(steps.lines(step))).toBe(step);
      expect(steps.ofLines(steps.lines(step - 1) + 1)).toBe(step);
    }
    expect([steps.ofLines(0), steps.ofLines(long.length + 5)]).toEqual([0, steps.count]);
  });

  it("is empty where nothing was recorded", () => {
    const { replay } = replayOf([]);
    expect(replay.steps.count).toBe(0);
    expect(replay.modelAt(0)).toEqual(emptyModel());
    expect(replay.steps.after(0, "event")).toBe(0);
  });
});
