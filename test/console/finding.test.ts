import { afterEach, describe, expect, test } from "vitest";
import { closeConsoles, start } from "./running.ts";
import { type Story, tellOrder } from "./story.ts";

afterEach(closeConsoles);

function tellFour(story: Story): void {
  story.begin();
  tellOrder(story, 1, "committed");
  tellOrder(story, 2, "refused");
  tellOrder(story, 3, "committed");
  tellOrder(story, 4, "silent");
}

function count(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length;
}

describe("filtering", () => {
  test("a list: the rest is hidden, the filter is visible, n and N walk, Esc brings all back", async () => {
    const { screen } = start(100, 30, {}, tellFour);
    await screen.untilText("4.4");
    screen.type("2/state:comm");
    const typed = await screen.untilText("2 of 4 match");
    expect(typed.some((line) => line.includes("/state:comm_"))).toBe(true);
    screen.type("\r");
    const left = await screen.untilText("filter /state:comm");
    expect([count(left, /4\.[13] /), count(left, /4\.[24] /)]).toEqual([2, 0]);
    screen.type("n");
    await screen.until("the second chosen", (lines) => lines.some((line) => line.startsWith("> 4.1")));
    screen.type("N");
    await screen.until("the first chosen", (lines) => lines.some((line) => line.startsWith("> 4.3")));
    screen.type("\u001b");
    await screen.until("all of them", (lines) => count(lines, /4\.[1-4] /) === 4);
  });

  test("what is unfinished: a filter that leaves nothing does not say that nothing is in doubt", async () => {
    const { screen } = start(100, 30, {}, tellFour);
    await screen.untilText("4.4");
    screen.type("4/zzz\r");
    const lines = await screen.untilText("nothing that is unfinished matches; Esc clears the filter");
    expect(lines.join("\n")).not.toContain("every transaction has ended");
    screen.type("\u001b");
    await screen.untilText("4.4");
  });

  test("the log: only its transaction, then with lines around each match", async () => {
    const { screen } = start(100, 40, {}, tellFour);
    await screen.untilText("4.4");
    screen.type("6/tx:4.2 vote\r");
    const alone = await screen.untilText("3 of ");
    expect(count(alone, /VOTE 4\.2 no/)).toBe(2);
    expect(count(alone, /PREPARE/)).toBe(0);
    screen.type("c");
    const around = await screen.untilText("1 line around each");
    expect(count(around, /^> .*VOTE 4\.2 no/)).toBe(2);
    expect(count(around, /^ {2}\d\d:/)).toBeGreaterThanOrEqual(2);
    screen.type("N");
    await screen.untilText("G follows");
    screen.type("NNN");
    await screen.untilText("no match above");
    expect(screen.lines().at(-2)).toContain("filter /tx:4.2 vote");
  });

  test("marks what was looked for, on the screen and in a transaction's tabs", async () => {
    const { screen } = start(100, 30, {}, tellFour);
    await screen.untilText("4.4");
    screen.type("6/prepared\r");
    await screen.untilText("filter /prepared");
    expect(screen.underlinedAt("prepared 4.")).toBe(true);
    expect(screen.underlinedAt("warehouse *")).toBe(false);
    screen.type(":4.1\r/alice\r");
    await screen.untilText("filter /alice");
    screen.type("nnn");
    await screen.untilText("Transaction 4.1 ");
    screen.type("\u001b");
    await screen.until("the filter gone", (lines) => !lines.some((line) => line.includes("filter /")));
    await screen.untilText("Transaction 4.1 ");
  });

  test("nodes and stock too, and says when nothing is left", async () => {
    const { screen } = start(100, 30, {}, tellFour);
    await screen.untilText("4.4");
    screen.type("3/state:down\r");
    await screen.untilText("nothing matches; Esc clears the filter");
    screen.type("5/lamp\r");
    const stock = await screen.untilText("LAMP-01");
    expect(count(stock, /MUG-02/)).toBe(0);
    screen.type("2/zzz\r");
    await screen.untilText("nothing matches; Esc clears the filter");
    screen.type("n");
    await screen.untilText("nothing matches; Esc clears the filter");
  });

  test("Ctrl-U empties what is typed, Ctrl-W takes a word", async () => {
    const { screen } = start(100, 30, {}, tellFour);
    await screen.untilText("4.4");
    screen.type("/one two\u0017");
    await screen.untilText("/one _");
    screen.type("\u0015");
    await screen.untilText("/_");
  });
});

describe("sorting", () => {
  test("s goes through the columns, S turns them round, and the title says it", async () => {
    const { screen } = start(100, 30, {}, tellFour);
    await screen.untilText("4.4");
    screen.type("2ssss");
    const byId = await screen.untilText("by TX ↓");
    expect(byId.filter((line) => /^[> ] 4\./.test(line)).map((line) => line.slice(2, 5))).toEqual([
      "4.1",
      "4.2",
      "4.3",
      "4.4",
    ]);
    screen.type("S");
    const round = await screen.untilText("by TX ↑");
    expect(round.find((line) => /^[> ] 4\./.test(line))?.slice(2, 5)).toBe("4.4");
    screen.type("ss");
    await screen.untilText("transactions in their own order");
    screen.type("5ss");
    await screen.untilText("by AVAIL ↓");
    screen.type("2\r");
    await screen.untilText("Esc closes");
    screen.type("s");
    await screen.untilText("only lists and the log are sorted");
  });
});

describe("the log's lines", () => {
  test("w wraps what is too long for its line, and cuts it again", async () => {
    const { screen } = start(60, 20, {}, (story) => {
      tellFour(story);
      story.tell("warehouse" as never, null, { type: "alarm", text: `${"disk ".repeat(30)}END` });
    });
    screen.type("6");
    const cut = await screen.untilText("warehouse ! disk");
    expect(count(cut, /END/)).toBe(0);
    screen.type("w");
    await screen.untilText("END");
    screen.type("w");
    await screen.until("it is cut", (lines) => count(lines, /END/) === 0);
  });

  test("t tells how long after the line above each came", async () => {
    const { screen } = start(100, 30, {}, tellFour);
    screen.type("6");
    await screen.untilText("21:04:11");
    screen.type("t");
    await screen.untilText("+1 ms coordinator > ");
  });
});

test("a frozen view stands still, its clock too, and counts what has come since", async () => {
  const { screen, story } = start(100, 30, {}, tellFour);
  await screen.untilText("4.4");
  screen.type(" ");
  await screen.untilText("view frozen: 0 events since; Space thaws it");
  tellOrder(story, 5, "preparing");
  await screen.untilText("view frozen: 5 events since");
  expect(count(screen.lines(), /4\.5 /)).toBe(0);
  screen.type(" ");
  await screen.untilText("4.5");
});

describe("stock and ledger", () => {
  test("have a cursor each, which stays with its row, and its row is copied", async () => {
    const { screen } = start(100, 30, {}, tellFour);
    await screen.untilText("4.4");
    screen.type("5jj");
    await screen.until("the third", (lines) => lines.some((line) => line.startsWith("> CHAIR-03")));
    screen.type("y");
    await screen.untilText("copied the SKU CHAIR-03; again copies the line");
    screen.type("y");
    await screen.untilText("copied the line warehouse  CHAIR-03  Folding chair  on hand 3");
    screen.type("s");
    const sorted = await screen.untilText("by SKU");
    expect(sorted.some((line) => line.startsWith("> CHAIR-03"))).toBe(true);
    screen.type("\tG");
    await screen.until("the last account", (lines) => lines.some((line) => line.includes("│ > revenue")));
    screen.type("yyy");
    await screen.untilText("copied the command 2pc-console ledger");
    expect(screen.copied()).toEqual([
      "CHAIR-03",
      "warehouse  CHAIR-03  Folding chair  on hand 3  reserved 0  available 3  price 59.00",
      "revenue",
      expect.stringMatching(/^ledger {2}revenue {2}Sales {2}revenue {2}balance .* debits pending 0\.00/),
      expect.stringMatching(/^2pc-console ledger/),
    ]);
  });

  test("scroll so that the cursor is seen, on low screens too", async () => {
    const { screen } = start(60, 15, {}, tellFour);
    await screen.untilText("4.4");
    screen.type("5G");
    await screen.until("the last", (lines) => lines.some((line) => line.startsWith("> VASE-08")));
    screen.type("g");
    await screen.until("the first", (lines) => lines.some((line) => line.startsWith("> LAMP-01")));
  });
});

test("the log is sorted by what its lines are about, and n goes through it in that order", async () => {
  const { screen } = start(100, 40, {}, tellFour);
  await screen.untilText("4.4");
  screen.type("6s");
  await screen.untilText("by TIME");
  screen.type("s");
  const byNode = await screen.untilText("by NODE");
  const names = byNode.flatMap((line) => /^\d\d:\S+ (\w+) [><*+=!]/.exec(line)?.[1] ?? []);
  expect(names.length).toBeGreaterThan(20);
  expect(names).toEqual(names.toSorted());
  screen.type("S");
  await screen.untilText("by NODE ↑");
  screen.type("ss");
  await screen.untilText("by LEVEL");
  screen.type("s");
  await screen.untilText("log in its own order");
});
