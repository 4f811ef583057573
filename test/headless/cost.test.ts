import { expect, it } from "vitest";
import { costDifferences, PUBLISHED_COST } from "../../src/headless/cost.ts";
import { CAST, committedReport } from "./fixtures.ts";

it("accepts what the papers publish for a commit with two updates", () => {
  expect(costDifferences(committedReport(), PUBLISHED_COST.update, CAST)).toEqual([]);
});

it("names the node that forced once too often", () => {
  const coordinator = {
    id: "coordinator-0123456789ab",
    recordsAppended: 2,
    recordsForced: 2,
    messagesSent: 4,
  };
  const costly = { ...committedReport(), coordinator };
  expect(costDifferences(costly, PUBLISHED_COST.update, CAST)).toEqual([
    "coordinator: 2 records, 2 forced, 4 messages; published 2 records, 1 forced, 4 messages",
  ]);
});

it("does not take a node that counted nothing for a cheap one", () => {
  const { ledger: _, ...participants } = committedReport().participants;
  expect(costDifferences({ ...committedReport(), participants }, PUBLISHED_COST.readOnly, CAST)).toContain(
    "ledger counted nothing",
  );
});
