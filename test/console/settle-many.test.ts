import { afterEach, describe, expect, test } from "vitest";
import type { Resolution } from "../../src/schema/session.ts";
import { tellCoordinatorDown } from "./doubt-story.ts";
import { closeConsoles, type Running, start } from "./running.ts";
import { COORDINATOR, LEDGER, type Story, tellOrder, transactionId, WAREHOUSE } from "./story.ts";

// Goal: all that a filter leaves is settled by hand at once, with what would become of each seen before, and each with its result after.

afterEach(closeConsoles);

const blocked = (count: number) => (story: Story) => {
  story.begin();
  for (let counter = 1; counter <= count; counter += 1) tellOrder(story, counter, "prepared");
  tellCoordinatorDown(story);
};

async function open(columns: number, rows: number, count: number, filter = ""): Promise<Running> {
  const running = start(columns, rows, {}, blocked(count));
  await running.screen.untilText("IN DOUBT");
  running.screen.type("4");
  await running.screen.untilText(`${count} in doubt`);
  if (filter !== "") {
    running.screen.type(`/${filter}\r`);
    await running.screen.untilText(`filter /${filter}`);
  }
  running.screen.type("E");
  return running;
}

describe("settling all that is listed", () => {
  test("each is previewed, one is left out, the reason and the phrase are asked, and each has a row of its own", async () => {
    const { screen, resolved, pass } = await open(120, 40, 3);
    await screen.untilText("Settle 3 transactions by hand");
    await screen.untilText("[x] 4.2  commit at warehouse and ledger; coordinator not: cannot be asked");
    const asked = await screen.untilText("3 transactions of 3 at 6 places");
    expect(asked.join("\n")).toContain("! may break atomicity");
    screen.type("\u001b[C");
    await screen.untilText("[x] 4.2  abort at warehouse and ledger");
    screen.type("j ");
    await screen.untilText("[ ] 4.2");
    await screen.untilText("2 transactions of 3 at 4 places");
    screen.type("\r\r");
    await screen.untilText("a reason is needed");
    screen.type("site is lost\r");
    const question = await screen.untilText("abort 2 transactions?");
    expect(question.join("\n")).not.toContain("4.2  abort");
    pass(1_000);
    screen.type("y");
    await screen.untilText("type abort 2 to confirm");
    screen.type("abort 3\r");
    await screen.untilText("that is not abort 2");
    screen.type("\u007f2\r");
    await screen.untilText("abort by hand: 2 of 2 transactions settled; @ lists each");
    expect(resolved.map(({ node, transactionId: id, action }) => `${action} ${id} ${node}`).sort()).toEqual(
      [1, 3].flatMap((n) => [LEDGER, WAREHOUSE].map((node) => `abort ${transactionId(n)} ${node}`)).sort(),
    );
    expect(resolved.every(({ reason, by }) => reason === "site is lost" && by === "ann")).toBe(true);
    screen.type("@");
    const log = await screen.untilText("What you did");
    expect(log.join("\n")).toMatch(/settle 4\.1: abort {2}4\.1 aborted by hand at warehouse and ledger/);
    expect(log.join("\n")).toMatch(/settle 4\.3: abort {2}4\.3 aborted by hand/);
    screen.type("g");
    await screen.untilText(`$ 2pc-console resolve ${transactionId(3)} abort --reason 'site is lost'`);
  });

  test("what one node refuses is told of that transaction, and the others are done", async () => {
    const { screen, pass } = start(
      120,
      40,
      {
        operator: operatorThat((node, id, isPreview) =>
          isPreview || node !== LEDGER || id !== transactionId(2) ? null : "it has just heard the decision",
        ),
      },
      blocked(2),
    );
    await screen.untilText("IN DOUBT");
    screen.type("4E");
    await screen.untilText("2 transactions of 2 at 4 places");
    await screen.until("all answers", (lines) => !lines.some((line) => line.includes("to come")));
    screen.type("\rlost\r");
    await screen.untilText("commit 2 transactions?");
    pass(1_000);
    screen.type("y");
    await screen.untilText("type commit 2");
    screen.type("commit 2\r");
    await screen.untilText("2 of 2 transactions settled");
    screen.type("@");
    await screen.untilText("4.2 committed by hand at warehouse; ledger not: it has just");
  });

  test("only what the filter leaves is offered", async () => {
    const { screen } = await open(80, 24, 3, "4.2");
    await screen.untilText("Settle 1 transaction by hand");
    const lines = await screen.untilText("1 transaction of 1 at 2 places");
    expect(lines.join("\n")).not.toContain("[x] 4.3");
  });

  test.each([
    [60, 15],
    [40, 10],
    [200, 50],
  ])("a long list is scrolled, the question always in sight, on %i by %i", async (columns, rows) => {
    const { screen } = await open(columns, rows, 30);
    await screen.untilText("Settle 30 trans");
    await screen.until("all answers", (lines) => !lines.some((line) => line.includes("to come")));
    screen.type("G".repeat(1));
    screen.type("j".repeat(29));
    await screen.until("the last", (lines) => lines.some((line) => />\s\[x\] 4\.\d+ /.test(line)));
    screen.type("\r");
    await screen.untilText("reason");
    screen.type("lost\r");
    const lines = await screen.untilText("commit 30 transactions?");
    expect(lines).toHaveLength(rows);
  });

  test("keys typed ahead answer nothing, and anything but y leaves all as it is", async () => {
    const { screen, resolved, pass } = await open(100, 30, 2);
    await screen.untilText("2 transactions of 2 at 4 places");
    await screen.until("all answers", (lines) => !lines.some((line) => line.includes("to come")));
    screen.type("\rlost\ryyy");
    await screen.untilText("commit 2 transactions?");
    pass(1_000);
    screen.type("n");
    await screen.until("no dialog", (lines) => !lines.some((line) => line.includes("Settle 2")));
    expect(resolved).toEqual([]);
  });

  test("is refused where nothing is listed, and to a locked console", async () => {
    const { screen } = start(100, 30, {}, (story) => story.begin());
    await screen.untilText("LIVE");
    screen.type("E");
    await screen.untilText("nothing that is listed here is unfinished");
    screen.type("6E");
    await screen.untilText("only a list of transactions is settled");
    const locked = start(100, 30, { readOnly: true }, blocked(1));
    await locked.screen.untilText("IN DOUBT");
    locked.screen.type("E");
    await locked.screen.untilText("this console is read-only");
  });
});

/** Nodes that do what they are told but for what `why` refuses. */
function operatorThat(why: (node: string, id: string, isPreview: boolean) => string | null) {
  const cannot = async (): Promise<never> => {
    throw new Error("not in this story");
  };
  return {
    submit: cannot,
    armFault: cannot,
    armCrash: cannot,
    cutLink: cannot,
    hold: cannot,
    releaseHeld: cannot,
    async resolve(
      node: string,
      { transactionId: id, action, preview }: { transactionId: string; action: string; preview: boolean },
    ): Promise<Resolution> {
      const base = { transactionId: id, node, mayBreakAtomicity: true } as Resolution;
      if (node === COORDINATOR) return { ...base, accepted: false, text: "cannot be asked: it is down" };
      const refusal = why(node, id, preview);
      return refusal === null
        ? { ...base, accepted: true, text: `${action} here` }
        : { ...base, accepted: false, text: refusal };
    },
  };
}
