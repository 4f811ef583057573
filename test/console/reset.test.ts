import { afterEach, describe, expect, test } from "vitest";
import { closeConsoles, start } from "./running.ts";
import { type Story, tellOrder } from "./story.ts";

// Goal: what a cluster keeps is deleted from inside the console only by who has said so twice, and nothing of it is shown after.

afterEach(closeConsoles);

function told(story: Story): void {
  story.begin();
  tellOrder(story, 1, "committed");
}

describe("a reset", () => {
  test("asks y and then the word, deletes, and shows a cluster that has just begun", async () => {
    const { screen, pass } = start(100, 30, {}, told);
    await screen.untilText("+ committed");
    screen.type(":reset\r");
    await screen.untilText("This deletes, for good, what coordinator, ledger, warehouse");
    await screen.untilText("1 transaction known here will be gone");
    pass(1_000);
    screen.type("y");
    await screen.untilText("type delete to confirm");
    screen.type("delet\r");
    await screen.untilText("that is not delete");
    screen.type("e\r");
    await screen.untilText("what was kept is deleted");
    const lines = await screen.untilText("LIVE");
    expect(lines.join("\n")).not.toContain("+ committed");
    screen.type("@");
    await screen.untilText("$ 2pc-console --data /data --reset");
  });

  test("is said while it runs, and nobody is told to restart by hand what is about to start", async () => {
    const { screen, story } = start(120, 30, {}, told);
    await screen.untilText("+ committed");
    for (const { name } of story.processes())
      story.process(name, { state: "starting", isReset: true, pid: null });
    const lines = await screen.untilText("is being reset");
    const text = lines.join("\n");
    expect(text).toContain("what the cluster keeps is deleted, and it starts anew");
    expect(text).not.toMatch(/DOWN|press r|restarts/);
    screen.type("r");
    await screen.untilText("nothing to restart");
  });

  test("says what is not finished, and how it would be", async () => {
    const { screen } = start(100, 30, {}, (story) => {
      told(story);
      tellOrder(story, 2, "prepared");
    });
    await screen.untilText("+ committed");
    screen.type(":reset\r");
    const lines = await screen.untilText("2 transactions known here will be gone");
    expect(lines.join(" ")).toContain("1 of them is not finished");
  });

  test.each([
    ["keys typed ahead", "yyy", 0],
    ["anything but y", "n", 1_000],
    ["Esc", "\u001b", 1_000],
  ])("%s delete nothing", async (_, keys, laterMs) => {
    const { screen, pass } = start(80, 24, {}, told);
    await screen.untilText("+ committed");
    screen.type(":reset\r");
    await screen.untilText("Delete it?");
    pass(laterMs);
    screen.type(keys);
    await screen.until("the keys to be taken", () => screen.stdin.readableLength === 0);
    if (laterMs === 0) {
      expect(screen.lines().join("\n")).toContain("Delete it?");
      screen.type("\u001b");
    }
    const lines = await screen.untilText("+ committed");
    expect(lines.join("\n")).not.toContain("type delete");
  });

  test("is not for who did not start the cluster, nor for a locked console", async () => {
    const attached = start(100, 30, { cluster: null }, told);
    await attached.screen.untilText("+ committed");
    attached.screen.type(":reset\r");
    await attached.screen.untilText("reset is not available");
    const locked = start(100, 30, { readOnly: true }, told);
    await locked.screen.untilText("+ committed");
    locked.screen.type(":reset");
    const palette = await locked.screen.untilText(":reset_");
    expect(palette.join("\n")).not.toContain("delete what this cluster keeps");
  });
});
