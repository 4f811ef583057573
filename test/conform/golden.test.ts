import { expect, test } from "vitest";
import { conformanceOf, STORIES, updatesOf } from "./stories.ts";

// Goal: what production nodes do in every golden trace is allowed by the rules, and no step is left unjudged. In one of
// them a disk breaks its word, and that is found.

const BROKEN_DISKS: Readonly<Record<string, string>> = {
  "log-lost-before-commit.txt": "what was on disk is there after a restart",
};

test.each(STORIES)("every step is allowed: %s", (story) => {
  const { violation, notJudged, judged } = conformanceOf(updatesOf(story));
  expect(violation?.rule, violation?.found).toBe(BROKEN_DISKS[story]);
  expect(notJudged).toEqual({});
  expect(judged).toBeGreaterThan(0);
});
