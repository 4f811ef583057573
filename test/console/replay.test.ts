import { afterEach, describe, expect, it } from "vitest";
import { growingReplay, record, replayOf } from "../observe/replay/recorded.ts";
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

function placeOf(lines: readonly string[]): number {
  const row = lines.find((line) => / event [\d, {2}]+ of /.test(line)) ?? "";
  return Number((/ event ([\d, {2}]+) of /.exec(row)?.[1] ?? "").replaceAll(/\D/g, ""));
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
    screen.type("^");
    await screen.untilText("no node has been heard yet");
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

  it("finds ahead of the present event and behind it, on every screen", async () => {
    const { screen, steps } = begin(100, 30);
    await screen.untilText(`event ${steps.opening} of`);
    screen.type("6/SIGKILL\r");
    const found = await screen.untilText("! gone: SIGKILL");
    const place = found.find((line) => line.includes(" event ")) ?? "";
    expect(place).not.toContain(`event ${steps.opening} of`);
    screen.type("n");
    await screen.untilText("no match ahead");
    screen.type("N");
    await screen.untilText("no match before this event");
    screen.type("\u001b");
    await screen.until("no filter", (lines) => !lines.some((line) => line.includes("filter /")));
    screen.type("^1/4.2\r");
    await screen.until("the second order", (lines) => lines.some((line) => /> +4\.2 /.test(line)));
    const first = placeOf(screen.lines());
    screen.type("n");
    await screen.until("the next", (lines) => placeOf(lines) > first);
    screen.type("N");
    await screen.until("back", (lines) => placeOf(lines) === first);
  });

  it("finds in an open transaction only its own events", async () => {
    const { screen } = begin(100, 30);
    await screen.untilText("event");
    screen.type('>\r/"coordinator VOTE"\r');
    await screen.untilText("filter /");
    const places: number[] = [placeOf(screen.lines())];
    for (let turn = 0; turn < 8; turn += 1) {
      screen.type("n");
      const at = places.at(-1) ?? 0;
      const lines = await screen.until("a vote, or none", (now) =>
        placeOf(now) !== at ? true : now.some((line) => line.includes("no match ahead")),
      );
      if (placeOf(lines) === at) break;
      places.push(placeOf(lines));
    }
    // Two votes are sent; the second order's are not among them.
    expect(places).toHaveLength(3);
  });

  it("opens while its trace is read, says how far that is, and goes to the end once it is there", async () => {
    const lines = record((story) => {
      tellOrder(story, 1, "committed");
      tellOrder(story, 2, "refused");
      tellLedgerDown(story);
    });
    const { replay, add } = growingReplay();
    add(lines.slice(0, 40), 0.3);
    const { screen } = start(100, 30, { replay, readOnly: true }, () => {});
    await screen.untilText("reading 30 %");
    screen.type("$");
    await screen.untilText(`event ${replay.steps.count} of ${replay.steps.count}`);
    expect(screen.lines().join("\n")).not.toContain("DOWN");
    add(lines.slice(40), 1);
    await screen.untilText(`event ${replay.steps.count} of ${replay.steps.count}`);
    const end = await screen.untilText("DOWN");
    expect(end.join("\n")).not.toContain("reading");
  });

  it("ends a search with any key, and Esc does no more than that", async () => {
    const { replay, add } = growingReplay();
    add(
      record((story) => tellOrder(story, 1, "committed")),
      0.5,
    );
    const { screen } = start(100, 30, { replay, readOnly: true }, () => {});
    await screen.untilText("reading 50 %");
    screen.type("6/nowhere\r");
    // It waits for what is not read yet.
    await screen.untilText("looking at");
    screen.type("\u001b");
    await screen.until("it ends", (lines) => !lines.some((line) => line.includes("looking at")));
    expect(screen.lines().join("\n")).toContain("filter /nowhere");
  });

  it("tells of a line that could not be read", async () => {
    const { replay, add, breakOff } = growingReplay();
    add(
      record((story) => tellOrder(story, 1, "committed")),
      0.5,
    );
    const { screen } = start(100, 30, { replay, readOnly: true }, () => {});
    await screen.untilText("reading 50 %");
    breakOff("run.jsonl:77: nonsense");
    await screen.untilText("what comes after could not be read: run.jsonl:77: nonsense");
  });

  it("is empty where nothing was recorded", async () => {
    const { screen } = start(80, 24, { replay: replayOf([]).replay, readOnly: true }, () => {});
    await screen.untilText("event 0 of 0");
    screen.type("}{)(<> ^$");
    await screen.untilText("event 0 of 0");
  });
});
