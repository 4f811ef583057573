import { describe, expect, it } from "vitest";
import { entryText } from "../../../src/observe/describe.ts";
import { emptyModel } from "../../../src/observe/model.ts";
import { reduce } from "../../../src/observe/reducer.ts";
import type { Replay } from "../../../src/observe/replay/replay.ts";
import { searchSteps, type Wanted } from "../../../src/observe/replay/search.ts";
import { lineTimeMs, updateOf } from "../../../src/observe/trace.ts";
import { transactionStatus } from "../../../src/observe/transaction.ts";
import { tellLedgerBack, tellLedgerDown, tellOrder } from "../../console/story.ts";
import { growingReplay, record, replayOf } from "./recorded.ts";

// Goal: whatever is looked for in a recorded run is found ahead and behind, at the step at which its line appears.

const lines = record((story) => {
  for (let counter = 1; counter <= 160; counter += 1) {
    if (counter === 50) tellLedgerDown(story);
    if (counter === 51) tellLedgerBack(story);
    tellOrder(story, counter, counter % 40 === 7 ? "refused" : "committed");
  }
});
const { replay } = replayOf(lines);

function holding(text: string): Wanted {
  return { passes: (entry) => entryText(entry).includes(text), dependsOnModel: false };
}

function find(run: Replay, from: number, direction: 1 | -1, wanted: Wanted): number | null {
  const search = searchSteps(run, from, direction, wanted);
  let next = search.next();
  while (!next.done) next = search.next();
  return next.value;
}

/** Every step that adds a line with the text, told by taking in line by line. */
function stepsWith(text: string): readonly number[] {
  const found = new Set<number>();
  let model = emptyModel();
  for (const [index, line] of lines.entries()) {
    const serial = model.log.at(-1)?.serial ?? 0;
    model = reduce(model, updateOf(line), lineTimeMs(line) ?? undefined);
    const last = model.log.at(-1);
    if (last !== undefined && last.serial > serial && entryText(last).includes(text))
      found.add(replay.steps.ofLines(index + 1));
  }
  return [...found];
}

describe("a search in a recorded run", () => {
  it.each(["insufficient", "SIGKILL", "VOTE 4.150 "])(
    "finds every line with %j, ahead and behind",
    (text) => {
      expect(replay.steps.count).toBeGreaterThan(3_000);
      const places = stepsWith(text);
      expect(places.length).toBeGreaterThan(0);
      const ahead: number[] = [];
      for (let at = find(replay, 0, 1, holding(text)); at !== null; at = find(replay, at, 1, holding(text)))
        ahead.push(at);
      expect(ahead).toEqual(places);
      const back: number[] = [];
      const { count } = replay.steps;
      let at = places.at(-1) === count ? count : find(replay, count, -1, holding(text));
      for (; at !== null; at = find(replay, at, -1, holding(text))) back.push(at);
      expect(back.reverse()).toEqual(places);
    },
  );

  it("finds by what was known when the line came", () => {
    const wanted: Wanted = {
      passes(entry, model) {
        const id = entry.type === "event" ? entry.event.transactionId : null;
        const transaction = id === null ? undefined : model.transactions.get(id);
        return transaction !== undefined && transactionStatus(model, transaction) === "aborted";
      },
      dependsOnModel: true,
    };
    const step = find(replay, 0, 1, wanted) ?? 0;
    const status = (at: number): readonly string[] => {
      const model = replay.modelAt(at);
      return [...model.transactions.values()].map((each) => transactionStatus(model, each));
    };
    expect(status(step)).toContain("aborted");
    expect(status(step - 1)).not.toContain("aborted");
  });

  it("finds nothing where there is nothing", () => {
    expect(find(replay, 0, 1, holding("no such words"))).toBeNull();
    expect(find(replay, replay.steps.count, -1, holding("no such words"))).toBeNull();
    expect(find(replayOf([]).replay, 0, 1, holding(""))).toBeNull();
  });

  it("waits ahead for what is not read yet", () => {
    const growing = growingReplay();
    growing.add(lines.slice(0, 1_000), 0.2);
    const search = searchSteps(growing.replay, 0, 1, holding("SIGKILL"));
    for (let turn = 0; turn < 50; turn += 1) expect(search.next().done).toBe(false);
    growing.add(lines.slice(1_000), 1);
    let next = search.next();
    while (!next.done) next = search.next();
    expect(next.value).toBe(stepsWith("SIGKILL")[0]);
  });
});
