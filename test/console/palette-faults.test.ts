import { afterEach, expect, test } from "vitest";
import type { PaletteDialog } from "../../src/console/dialogs/dialog.ts";
import { commandItems, paletteItems } from "../../src/console/palette.ts";
import { initialUi } from "../../src/console/ui.ts";
import type { View } from "../../src/console/view.ts";
import { emptyModel } from "../../src/observe/model.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { reduceAll } from "../../src/observe/reducer.ts";
import { FAULT_NAMES } from "../../src/schema/faults.ts";
import { closeConsoles, start } from "./running.ts";
import { COORDINATOR, createStory, KINDS, LEDGER, type Story, WAREHOUSE } from "./story.ts";

// Goal: whatever stands in a menu of faults is found by its name in the palette, too, and where nothing can be injected it says why.

afterEach(closeConsoles);

const POINTS = ["receive-prepare", "sent-vote", "forced-commit"];

function viewOf(tell: (story: Story) => void, change: Partial<View> = {}): View {
  const story = createStory();
  tell(story);
  const updates: WatchUpdate[] = [];
  story.watcher.subscribe((update) => updates.push(update));
  const model = reduceAll(emptyModel(), updates, story.nowMs());
  const ui = initialUi();
  return {
    model,
    ui,
    nowMs: story.nowMs(),
    clusterName: "demo",
    readOnly: false,
    hasControl: true,
    ...change,
  };
}

function paletteOf(query: string): PaletteDialog {
  return { type: "palette", query, index: 0, points: POINTS };
}

function names(view: View, query: string): readonly string[] {
  return paletteItems(view, paletteOf(query)).map(({ name }) => name);
}

test.each(FAULT_NAMES)("%s is found by its name for a node that can have it", (fault) => {
  const node = fault.endsWith("-decision") ? COORDINATOR : WAREHOUSE;
  const view = viewOf((story) => story.begin());
  expect(names(view, fault)).toContain(`arm ${fault} in ${node}`);
});

test.each([
  ["duplicate", "arm duplicate-message in ledger"],
  ["vote no", "arm vote-no in ledger"],
  ["cut a link", "cut a link"],
  ["cut everything", "cut everything between coordinator and ledger"],
  ["pause", "pause warehouse"],
  ["kill", "kill warehouse"],
  ["hold messages", "hold messages"],
  ["sent vote", "arm a crash at sent-vote in ledger"],
])("%s finds %s", (query, name) => {
  expect(
    names(
      viewOf((story) => story.begin()),
      query,
    ),
  ).toContain(name);
});

test("what is injected is taken back by its name, and listed once", () => {
  const view = viewOf((story) => {
    story.begin();
    story.tell(LEDGER, null, {
      type: "injected-changed",
      injected: {
        faults: [{ fault: "vote-no", count: 1 }],
        points: [],
        cuts: [{ peer: WAREHOUSE, direction: "both" }],
        isHolding: false,
      },
    });
  });
  expect(names(view, "heal")).toContain("heal all");
  expect(names(view, "heal").filter((name) => name === "heal ledger and warehouse")).toHaveLength(1);
  expect(names(view, "disarm")).toContain("disarm vote-no in ledger");
});

test("a process that is down is restarted by its name", () => {
  const view = viewOf((story) => {
    story.begin();
    story.process(LEDGER, { state: "down", pid: null, exit: { code: null, signal: "SIGKILL" } });
  });
  expect(names(view, "restart ledger")[0]).toBe("restart ledger");
});

test("commands and nodes come before the many faults, and those before the many crash points", () => {
  const found = names(
    viewOf((story) => story.begin()),
    "led",
  );
  expect(found.slice(0, 2)).toEqual(["ledger", "stock"]);
  expect(found.findIndex((name) => name.startsWith("arm a crash at"))).toBeGreaterThan(
    found.findLastIndex((name) => name.startsWith("arm vote-no")),
  );
});

test("without fault injection it says in one line why not", () => {
  const view = viewOf((story) => {
    for (const [name] of KINDS) {
      story.push({ type: "connected", node: name });
      story.snapshot(name, { faultInjection: false });
    }
  });
  const [found] = paletteItems(view, paletteOf("duplicate"));
  expect(found?.note).toMatch(/^fault injection is off: start the nodes with --fault-injection/);
  expect(found?.pick).toEqual({ type: "command", command: "fault" });
});

test("letters that are strewn over the line of a menu do not find it, words in any order do", () => {
  const view = viewOf((story) => story.begin());
  expect(names(view, "heal").filter((name) => name.startsWith("arm "))).toEqual([]);
  expect(names(view, "ledger duplicate")).toEqual(["arm duplicate-message in ledger"]);
});

test("what has changed meanwhile is found by what was typed already", () => {
  const palette = paletteOf("restart ledger");
  const up = viewOf((story) => story.begin());
  const down = viewOf((story) => {
    story.begin();
    story.process(LEDGER, { state: "down", pid: null });
  });
  const found = (view: View) => paletteItems(view, palette).map(({ name }) => name);
  expect(found(up)).not.toContain("restart ledger");
  expect(found(down)).toContain("restart ledger");
  expect(found({ ...down, readOnly: true })).not.toContain("restart ledger");
});

test("a locked console is offered none of them", () => {
  const view = viewOf((story) => story.begin(), { readOnly: true });
  expect(names(view, "duplicate")).toEqual([]);
});

test("nothing typed, the commands stand alone", () => {
  const view = viewOf((story) => story.begin());
  expect(paletteItems(view, paletteOf(" "))).toEqual(commandItems(view));
});

test("Enter does what the menu would do", async () => {
  const { screen, armed } = start(100, 30, { crashPoints: async () => POINTS });
  await screen.untilText("none yet");
  screen.type(":duplicate led\r");
  await screen.untilText("armed in ledger: duplicate-message");
  screen.type(":sent-vote in ware");
  await screen.untilText("arm a crash at sent-vote in warehouse");
  screen.type("\r");
  await screen.untilText("warehouse crashes at sent-vote");
  expect(armed).toEqual(["ledger duplicate-message 1", "warehouse crash at sent-vote 1"]);
  screen.type(":kill ware\r");
  await screen.untilText("SIGKILL to warehouse");
});
