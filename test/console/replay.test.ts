import { afterEach, describe, expect, it } from "vitest";
import { record, replayOf } from "../observe/replay/recorded.ts";
import { closeConsoles, start } from "./running.ts";
import { tellLedgerDown, tellOrder } from "./story.ts";

// Goal: a recorded run is looked at with the same screens and keys, forward and backward, and nothing in it can be acted upon.

afterEach(closeConsoles);

function begin(columns: number, rows: number) {
  const { replay } = replayOf(
    record((story) => {
      tellOrder(story, 1, "committed");
      tellOrder(story, 2, "refused");
      tellLedgerDown(story);
    }),
  );
  const running = start(columns, rows, { replay, readOnly: true }, () => {});
  return { ...running, steps: replay.steps };
}

describe("a console on a recorded run", () => {
  it("opens before anything has happened, and goes on and back by events, phases and transactions", async () => {
    const { screen, steps } = begin(100, 30);
    const place = (step: number): string => `event ${step} of ${steps.count}`;
    await screen.untilText(place(steps.opening));
    expect(screen.lines().join("\n")).toContain("REPLAY");
    screen.type("}}}");
    await screen.untilText(place(steps.opening + 3));
    expect(screen.lines().join("\n")).toContain("PREPARE 4.1");
    screen.type("{{{");
    await screen.untilText(place(steps.opening));
    expect(screen.lines().join("\n")).not.toContain("PREPARE 4.1");
    screen.type(")");
    await screen.until("the first order", (lines) => lines.some((line) => / 4\.1 +/.test(line)));
    screen.type(">");
    await screen.until("the second order", (lines) => lines.some((line) => / 4\.2 +/.test(line)));
    screen.type("<");
    await screen.until("the first alone", (lines) => !lines.some((line) => / 4\.2 +/.test(line)));
  });

  it("shows stock as it was: it is back where it stood when one goes back", async () => {
    const { screen } = begin(100, 30);
    await screen.untilText("event");
    screen.type("5$");
    await screen.until("sold", (lines) => lines.some((line) => /LAMP-01 +38/.test(line)));
    screen.type("^");
    await screen.untilText("event 0 of");
    screen.type("}}}}}}}}}");
    await screen.until("not yet sold", (lines) => lines.some((line) => /LAMP-01 +40/.test(line)));
  });

  it("plays to the end by itself, faster and slower", async () => {
    const { screen, steps } = begin(100, 30);
    await screen.untilText("paused");
    screen.type("V ");
    await screen.untilText("1/4×");
    screen.type("vvv");
    await screen.untilText(`event ${steps.count} of ${steps.count}`);
    await screen.untilText("paused");
    expect(screen.lines().join("\n")).toContain("DOWN");
  });

  it("offers nothing that acts, and leaves without a question", async () => {
    const { screen, left, submitted, killed } = begin(80, 24);
    await screen.untilText("paused");
    screen.type("$axrR");
    await screen.untilText("event");
    screen.type("?");
    const help = await screen.untilText("on to the next event");
    expect(help.join("\n")).not.toContain("place an order");
    screen.type("\u001b");
    await screen.until("no help", (lines) => !lines.some((line) => line.includes("on to the next event")));
    screen.type("q");
    expect(await left).toEqual({ reason: "quit" });
    expect([submitted, killed]).toEqual([[], []]);
  });

  it("keeps its place on the smallest screen", async () => {
    const { screen, steps } = begin(40, 10);
    await screen.untilText(`event ${steps.opening} of ${steps.count}`);
  });

  it("is empty where nothing was recorded", async () => {
    const { screen } = start(80, 24, { replay: replayOf([]).replay, readOnly: true }, () => {});
    await screen.untilText("event 0 of 0");
    screen.type("}{)(<> ^$");
    await screen.untilText("event 0 of 0");
  });
});
