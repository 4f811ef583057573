import { describe, expect, test } from "vitest";
import { clusterRow } from "../../src/console/header.ts";
import { plainText } from "../../src/console/row.ts";
import { initialUi } from "../../src/console/ui.ts";
import { noteLateness } from "../../src/observe/lateness.ts";
import type { ModelUpdate } from "../../src/observe/model.ts";
import { hearCluster } from "./heard-story.ts";
import { LEDGER } from "./story.ts";

// Goal: what is shown late is said to be late, and by how much.

function noteAt(atMs: number): ModelUpdate {
  const body = { type: "note", text: "something" } as const;
  return { type: "events", events: [{ node: LEDGER, epoch: 4, number: 1, atMs, transactionId: null, body }] };
}

/** The first row some time after an event was heard that long after it had happened. */
function rowAfter(delayMs: number, askedAfterMs = 0): string {
  const { model, nowMs } = hearCluster(() => {});
  // The ledger's clock is five seconds behind.
  const before = noteLateness(model, [noteAt(nowMs - 5_000)], nowMs);
  const heardMs = nowMs + 10_000;
  const view = {
    model: noteLateness(before, [noteAt(heardMs - 5_000 - delayMs)], heardMs),
    ui: initialUi(),
    nowMs: heardMs + askedAfterMs,
    clusterName: "demo",
    readOnly: false,
    hasControl: true,
  };
  return plainText(clusterRow(view, 120));
}

describe("what is told late", () => {
  test("is said with by how much, whatever the clocks", () => {
    expect(rowAfter(2_400)).toContain("behind 2.4 s");
    expect(rowAfter(300)).not.toContain("behind");
  });

  test("is not late any more once nothing comes", () => {
    expect(rowAfter(2_400, 2_000)).not.toContain("behind");
  });
});
