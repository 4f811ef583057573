import { afterEach, describe, expect, test } from "vitest";
import { createMouseReader, type MouseEvent } from "../../src/console/mouse.ts";
import { closeConsoles, start } from "./running.ts";
import { type Story, tellLedgerDown, tellOrder, transactionId } from "./story.ts";

afterEach(closeConsoles);

function tellThree(story: Story): void {
  story.begin();
  for (const counter of [1, 2, 3]) tellOrder(story, counter, "committed");
}

/** A click with the left button, as a terminal tells it: counted from 1. */
function clickOn(lines: readonly string[], text: string): string {
  const row = lines.findIndex((line) => line.includes(text));
  const column = lines[row]?.indexOf(text) ?? 0;
  return `\u001b[<0;${column + 1};${row + 1}M\u001b[<0;${column + 1};${row + 1}m`;
}

describe("what a mouse sends", () => {
  test.each([
    ["in one piece", ["a\u001b[<0;5;7Mb\u001b[<65;1;2M"]],
    ["in pieces", ["a\u001b[<0;", "5;7", "Mb", "\u001b[<", "65;1;2M"]],
  ])("is told %s, and what is typed around it stays", (_, chunks) => {
    const events: MouseEvent[] = [];
    const reader = createMouseReader((event) => events.push(event));
    expect(chunks.map((chunk) => reader.take(chunk)).join("")).toBe("ab");
    expect(events).toEqual([
      { type: "press", column: 4, row: 6 },
      { type: "wheel-down", column: 0, row: 1 },
    ]);
  });

  test("an Esc, an arrow and a release are not held back or told", () => {
    const events: MouseEvent[] = [];
    const reader = createMouseReader((event) => events.push(event));
    expect(["\u001b", "\u001b[", "\u001b[A", "\u001b[<0;1;1m"].map((text) => reader.take(text))).toEqual([
      "\u001b",
      "\u001b[",
      "\u001b[A",
      "",
    ]);
    expect(events).toEqual([]);
  });
});

describe("the mouse", () => {
  test("is off until m: then a click chooses, another opens, and the wheel moves", async () => {
    const { screen } = start(100, 30, {}, tellThree);
    const lines = await screen.untilText("4.3");
    screen.type(`2${clickOn(lines, "4 In doubt")}`);
    await screen.untilText("── Transactions 3");
    screen.type("m");
    await screen.until("the mouse asked for", () => screen.mouseOn());
    const row = clickOn(screen.lines(), "4.1 ");
    screen.type(row);
    await screen.until("4.1 chosen", (now) => now.some((line) => line.startsWith("> 4.1")));
    screen.type("\u001b[<64;5;5M");
    await screen.until("back up", (now) => now.some((line) => line.startsWith("> 4.3")));
    screen.type(row);
    screen.type(row);
    await screen.untilText("Transaction 4.1");
    screen.type(clickOn(screen.lines(), "4 Doubt"));
    await screen.untilText("nothing is in doubt");
    screen.type("m");
    await screen.until("the mouse given back", () => !screen.mouseOn());
  });

  test.each([
    [100, 30],
    [80, 24],
  ])("turns the wheel in the list that it is over, at %i×%i", async (columns, rows) => {
    const { screen } = start(columns, rows, {}, tellThree);
    await screen.untilText("4.3");
    screen.type("m5");
    const lines = await screen.untilText("── Ledger");
    const row = lines.findIndex((line) => line.includes("cash"));
    screen.type(`\u001b[<65;${(lines[row]?.indexOf("cash") ?? 0) + 1};${row + 1}M`);
    await screen.untilText("> bob");
  });

  test("is given back when the console ends", async () => {
    const { screen, left } = start(100, 30, {}, tellThree);
    await screen.untilText("4.3");
    screen.type("m");
    await screen.until("the mouse asked for", () => screen.mouseOn());
    screen.type("q");
    await left;
    await screen.until("the mouse given back", () => !screen.mouseOn());
  });

  test("a click answers no question", async () => {
    const { screen, pass, killed } = start(100, 30, {}, tellThree);
    await screen.untilText("4.3");
    screen.type("mxj\r");
    const asked = await screen.untilText("Kill warehouse?");
    pass(1_000);
    screen.type(clickOn(asked, "y yes"));
    await screen.until("the click to be taken", () => screen.stdin.readableLength === 0);
    screen.type("n");
    await screen.until("it closed", (lines) => !lines.some((line) => line.includes("Kill warehouse?")));
    expect(killed).toEqual([]);
  });
});

describe("copying", () => {
  test("y copies the id, again the line, again the command", async () => {
    const { screen } = start(120, 40, {}, tellThree);
    await screen.untilText("4.3");
    screen.type("y");
    await screen.untilText(`copied the id ${transactionId(3)}; again copies the line`);
    screen.type("yy");
    await screen.untilText("copied the command");
    const [id, line, command] = screen.copied();
    expect(id).toBe(transactionId(3));
    expect(line).toContain(`${transactionId(3)}  committed  ship 2 LAMP-01`);
    expect(command).toBe(`2pc-console tx show ${transactionId(3)} --to ws://127.0.0.1:7420`);
    screen.type("jy");
    await screen.untilText(`copied the id ${transactionId(2)}`);
  });

  test("a node, and the line of the log that the cursor is on", async () => {
    const { screen } = start(120, 40, {}, (story) => {
      tellThree(story);
      tellLedgerDown(story);
    });
    await screen.untilText("4.3");
    screen.type("3jjyy");
    await screen.untilText("copied the line ledger  SIGKILL  ws://127.0.0.1:7422");
    screen.type("6/end 4.1\ry");
    await screen.untilText("coordinator + end 4.1 #14; again copies the id");
  });
});

describe("zoom", () => {
  test("z shows the list alone, Tab the next pane, Esc all of them again", async () => {
    const { screen } = start(120, 40, {}, tellThree);
    await screen.untilText("── Events");
    screen.type("z");
    await screen.until("no events", (lines) => !lines.some((line) => line.includes("── Events")));
    expect(screen.lines()[1]).toContain("> transactions");
    screen.type("\t");
    await screen.untilText("── Log");
    screen.type("\t");
    await screen.untilText("── Sequence of 4.3");
    screen.type("\u001b");
    await screen.untilText("── Events");
    screen.type("2z");
    await screen.untilText("this pane has the whole screen already");
  });

  test("a transaction's tab alone, and the way to it above", async () => {
    const { screen } = start(120, 40, {}, tellThree);
    await screen.untilText("4.3");
    screen.type("\r");
    const whole = await screen.untilText("── Transaction 4.3");
    expect(whole[1]).toContain("> 4.3 > sequence");
    screen.type("z");
    await screen.until("no summary", (lines) => !lines.some((line) => line.includes("led by coordinator")));
  });
});

describe("the first transaction", () => {
  test("is one key away on a cluster of one's own, and that key never places two", async () => {
    const { screen, submitted } = start(80, 24);
    await screen.untilText("none yet: Enter places a first order, a chooses what, b places ten");
    screen.type("\r\r\r");
    await screen.untilText("committed in 31 ms: 1 LAMP-01 for alice");
    expect(submitted).toHaveLength(1);
  });

  test("before there is stock to sell, Enter says what is missing", async () => {
    const { screen, submitted } = start(80, 24, {}, () => {});
    await screen.untilText("waiting for the first node");
    screen.type("\r");
    await screen.untilText("no stock is known yet: no warehouse is heard");
    expect(submitted).toEqual([]);
  });

  test("is not placed by Enter on a cluster that somebody else runs, nor by a locked console", async () => {
    const attached = start(80, 24, { cluster: null });
    await attached.screen.untilText("none yet: a places an order, b places ten");
    attached.screen.type("\r?");
    await attached.screen.untilText("type to narrow");
    const locked = start(80, 24, { readOnly: true });
    await locked.screen.untilText("none yet");
    locked.screen.type("\r?");
    await locked.screen.untilText("type to narrow");
    expect([attached.submitted, locked.submitted]).toEqual([[], []]);
  });
});

describe("pasted text", () => {
  const pasted = (text: string) => `\u001b[200~${text}\u001b[201~`;

  test("is not taken for keys", async () => {
    const { screen, submitted } = start(80, 24);
    await screen.untilText("none yet");
    screen.type(pasted("a\r\rb\r"));
    await screen.untilText("pasted text is not taken for keys");
    expect(submitted).toEqual([]);
  });

  test("goes into a field as one line", async () => {
    const { screen } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("/");
    await screen.untilText("Enter keeps it");
    screen.type(pasted("4.17 ack\nq"));
    await screen.untilText("/4.17 ack_");
  });
});

describe("a screen that is too small", () => {
  test("asks before quitting where something is unfinished, and can be answered", async () => {
    const { screen, left, pass, submitted } = start(39, 9, {}, (story) => {
      story.begin();
      tellOrder(story, 1, "silent");
    });
    await screen.untilText("enlarge it, or q quits");
    screen.type("q");
    await screen.untilText("not all is finished: quit? y / N");
    pass(1_000);
    screen.type("n");
    await screen.untilText("enlarge it, or q quits");
    screen.type("a\r\rq");
    await screen.untilText("not all is finished: quit? y / N");
    pass(1_000);
    screen.type("y");
    expect(await left).toEqual({ reason: "quit" });
    expect(submitted).toEqual([]);
  });

  test("quits at once from wherever one was", async () => {
    const { screen, left } = start(80, 24, {}, tellThree);
    await screen.untilText("4.3");
    screen.type("2\r");
    await screen.untilText("Transaction 4.3");
    screen.resize(30, 8);
    await screen.untilText("q quits");
    screen.type("q");
    expect(await left).toEqual({ reason: "quit" });
  });
});

test.each([
  ["5", /Stock[\s\S]*> LAMP-01/],
  ["5\t", /Ledger[\s\S]*> cash/],
])(
  "where two lists have no room for a row each, the one with the cursor has it all: %j",
  async (keys, shown) => {
    const { screen } = start(40, 10, {}, (story) => {
      tellThree(story);
      tellLedgerDown(story);
    });
    await screen.untilText("4.3");
    screen.type(keys);
    await screen.until("its row", (lines) => shown.test(lines.join("\n")));
  },
);
