import { expect, test } from "vitest";
import { createMonitor } from "../../src/conform/monitor.ts";
import { type Heard, tamperWith } from "./tampering.ts";

// Goal: what was not seen is neither guessed nor held against anybody, and a recording with holes is not taken for a whole one.

const heardOf = (story: string): readonly Heard[] => tamperWith(`${story}.txt`).heard();
const isEventOf = (each: Heard, node: string): boolean => "event" in each && each.event.node === node;

function monitorOf(heard: readonly Heard[]) {
  const monitor = createMonitor();
  for (const each of heard) expect(monitor.hear(each)).toBeNull();
  return monitor.result();
}

test("a recording that is cut anywhere is allowed", () => {
  for (const story of ["commit", "one-phase", "peers-unvoted", "heuristic-mixed", "coordinator-wiped"]) {
    const heard = heardOf(story);
    for (let length = 0; length <= heard.length; length += 1) {
      expect(
        monitorOf(heard.slice(0, length)).violation,
        `${story}, ${length} of ${heard.length}`,
      ).toBeNull();
    }
  }
});

test("a node that is not heard at all is not judged by what others say of it", () => {
  for (const silent of ["coordinator", "warehouse", "ledger"]) {
    const heard = heardOf("commit").filter((each) =>
      "event" in each ? each.event.node !== silent : each.snapshot.node.name !== silent,
    );
    expect(monitorOf(heard).violation, silent).toBeNull();
  }
});

test("what happened before a snapshot that lists as much as it can is not judged", () => {
  const told = tamperWith("commit.txt");
  told.drop(/^warehouse < coordinator PREPARE/);
  told.editSnapshot("warehouse", 1, (snapshot) => {
    const [view] = tamperWith("end-lost.txt")
      .heard()
      .flatMap((each) => ("snapshot" in each ? each.snapshot.transactions : []));
    if (!view) throw new Error("no view");
    return { ...snapshot, transactions: Array.from({ length: 200 }, () => view) };
  });
  const { violation, notJudged } = monitorOf(told.heard());
  expect(violation).toBeNull();
  expect(notJudged).toHaveProperty(["work follows its prepare"]);
});

test("an event that is missing is a hole, not a step", () => {
  const heard = heardOf("commit");
  const first = heard.findIndex((each) => isEventOf(each, "ledger"));
  const monitor = createMonitor();
  const problems = heard.filter((_, index) => index !== first).flatMap((each) => monitor.hear(each) ?? []);
  expect(problems[0]?.problem).toBe("event 2 of ledger follows event 0");
});

test("an event of a node that was never introduced is a hole", () => {
  const monitor = createMonitor();
  const [event] = heardOf("commit").filter((each) => isEventOf(each, "ledger"));
  if (!event) throw new Error("no event");
  expect(monitor.hear(event)?.problem).toBe("event 1 of ledger, run 1, comes without a snapshot of it");
});
