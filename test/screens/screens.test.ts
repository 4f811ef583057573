import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { frameRows } from "../../src/console/frame.ts";
import { plainText } from "../../src/console/row.ts";
import { initialUi } from "../../src/console/ui.ts";
import { emptyModel, type Model } from "../../src/observe/model.ts";
import { reduce } from "../../src/observe/reducer.ts";
import { tellCoordinatorDown, tellPeersAsking } from "../console/doubt-story.ts";
import { createStory, type Story, tellLedgerDown, tellOrder, transactionId } from "../console/story.ts";
import { SITUATIONS, type Situation } from "./situations.ts";
import { linesOf } from "./svg.ts";

// Goal: the pictures of the README show the console as it is. `npm run screens` takes them anew from the running
// program; here their structure is held against frames of today: titles, tabs, headings and keys, not times and figures.

const STORIES: Readonly<Record<string, (story: Story) => void>> = {
  "participant-down": (story) => {
    tellOrder(story, 1, "silent");
    tellLedgerDown(story);
  },
  "in-doubt": (story) => {
    const id = tellOrder(story, 1, "prepared");
    tellCoordinatorDown(story);
    tellPeersAsking(story, id);
  },
};

function modelOf(tell: (story: Story) => void): { readonly model: Model; readonly nowMs: number } {
  const story = createStory();
  let model = emptyModel();
  story.watcher.subscribe((update) => {
    model = reduce(model, update, story.nowMs());
  });
  story.begin();
  tell(story);
  return { model, nowMs: story.nowMs() + 1_000 };
}

function today({ name, ui, columns, rows }: Situation): readonly string[] {
  const told = modelOf(STORIES[name] ?? ((story) => void tellOrder(story, 1, "committed")));
  const detail = ui.detailTab === undefined ? null : transactionId(1);
  const view = {
    ...told,
    ui: { ...initialUi(), ...ui, detail },
    clusterName: "demo",
    readOnly: false,
    hasControl: true,
  };
  return frameRows(view, columns, rows).map((row) => plainText(row).trimEnd());
}

/** What of a screen does not depend on what has happened. */
function structureOf(lines: readonly string[]): unknown {
  const titles = lines.flatMap((line) =>
    [...line.matchAll(/── ([A-Z][a-z]+(?: [a-z]+)*)/g)].map(([, title]) => title),
  );
  const headings = lines.flatMap((line) =>
    [...line.matchAll(/\b[A-Z]{3,}(?: [A-Z]{2,})*\b/g)].map(([word]) => word),
  );
  return {
    screens: [...(lines[1] ?? "").matchAll(/(\d) [A-Z]/g)].map(([, number]) => number),
    tabs: lines
      .filter((line) => line.includes("Log records") && line.includes("Raw"))
      .map((line) => line.trim().slice(0, 48)),
    titles: [...new Set(titles)].sort(),
    headings: [...new Set(headings)].filter((word) => HEADINGS.has(word)).sort(),
    // Which keys fit is another matter; the way to all of them stands first.
    help: lines.at(-1)?.startsWith("? help"),
  };
}

const HEADINGS = new Set([
  ...["NODE", "STATE", "PID", "RTT", "EPOCH", "WORK", "NOTE", "TOOK", "DETAIL", "WHY"],
  ...[
    "SKU",
    "ON HAND",
    "RESERVED",
    "AVAIL",
    "ACCOUNT",
    "BALANCE",
    "PENDING",
    "ROLE",
    "RECORDS",
    "FORCED",
    "SENT",
  ],
]);

describe.each(SITUATIONS)("the picture $name", (situation) => {
  const svg = readFileSync(join(import.meta.dirname, `${situation.name}.svg`), "utf8");
  const lines = linesOf(svg);

  test("has the structure of the console as it is", () => {
    expect(structureOf(lines)).toEqual(structureOf(today(situation)));
  });

  test("stands in the README with its title", () => {
    const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
    expect(svg).toContain(`<title>${situation.title}</title>`);
    expect(readme).toContain(`![${situation.title}](test/screens/${situation.name}.svg)`);
  });
});

test("a picture that lacks a column, a title or a key is found", () => {
  const [situation] = SITUATIONS;
  if (situation === undefined) throw new Error("there are pictures");
  const lines = today(situation);
  const without = lines.map((line) =>
    line.replace("RECORDS", "").replace("── Votes", "──").replace("? help", ""),
  );
  expect(structureOf(without)).not.toEqual(structureOf(lines));
});
