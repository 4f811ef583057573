import { afterEach, describe, expect, test } from "vitest";
import { closeConsoles, start } from "./running.ts";
import { LEDGER, tellLedgerBack, tellLedgerDown, tellOrder, WAREHOUSE } from "./story.ts";

afterEach(closeConsoles);

/** The header is the first line and the hints the last: a frame taller than its terminal would scroll them away. */
function expectWhole(lines: readonly string[]): void {
  expect(lines[0]).toContain("2pc-console");
  expect(lines.at(-1)).toMatch(/^\? help/);
}

describe("the dashboard on real terminals", () => {
  test.each([
    [200, 50],
    [120, 40],
    [80, 24],
    [60, 15],
  ])("%i×%i: idle, running, refused, a participant down and back", async (columns, rows) => {
    const { screen, story } = start(columns, rows);
    expectWhole(await screen.untilText("none yet: Enter places a first order"));
    expect(screen.isAlternate()).toBe(true);
    expect(screen.cursorHidden()).toBe(true);

    tellOrder(story, 1, "committed");
    expectWhole(await screen.untilText("4.1   + committed    A   A"));
    tellOrder(story, 2, "refused");
    expectWhole(await screen.untilText("4.2   - aborted      N   -"));
    tellOrder(story, 3, "silent");
    tellLedgerDown(story);
    const down = await screen.untilText("needs ledger (down): vote");
    expectWhole(down);
    expect(down[0]).toContain("DEGRADED");
    expect(down.some((line) => line.includes("x ledger") && line.includes("DOWN"))).toBe(true);
    tellLedgerBack(story);
    expectWhole(await screen.until("the cluster live again", (lines) => lines[0]?.includes("LIVE") ?? false));
  });

  test("39×9 is refused in words, no key acts there, and a larger one works again", async () => {
    const { screen, submitted } = start(39, 9);
    await screen.untilText("needs 40x10, has 39x9");
    screen.type("a\r\r");
    await screen.until("the keys to be taken", () => screen.stdin.readableLength === 0);
    screen.resize(80, 24);
    const lines = await screen.untilText("none yet: Enter places a first order");
    expectWhole(lines);
    expect(lines.some((line) => line.includes("New order"))).toBe(false);
    expect(submitted).toEqual([]);
  });

  test("before any node is heard it says what it waits for, and a failure to start is told with its log", async () => {
    const { screen, story } = start(80, 24, {}, () => {});
    await screen.untilText("waiting for the first node");
    story.process(LEDGER, {
      state: "failed",
      exit: { code: 71, signal: null },
      logTail: ["TPC_PORT_TAKEN: 127.0.0.1:7422 is in use"],
    });
    await screen.untilText("ledger failed to start exit 71");
    await screen.untilText("TPC_PORT_TAKEN: 127.0.0.1:7422 is in use");
  });
});

describe("actions", () => {
  test("a, Enter, Enter places the proposed order and tells its outcome", async () => {
    const { screen, submitted } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("a");
    await screen.untilText("Send: 1 LAMP-01 for alice, 24.90");
    screen.type("\r");
    await screen.untilText("Enter sends");
    await screen.untilText("> Send: 1 LAMP-01");
    screen.type("\r");
    await screen.untilText("4.7 committed in 31 ms: 1 LAMP-01 for alice, 24.90");
    expect(submitted.map((request) => request.operations)).toEqual([
      [
        { participant: "warehouse", op: "ship", sku: "LAMP-01", quantity: 1 },
        { participant: "ledger", op: "transfer", debit: "alice", credit: "revenue", amount: "2490" },
      ],
    ]);
  });

  test("the form tells a bad value, and computes the price of a good one", async () => {
    const { screen, submitted } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("a\t\t0");
    await screen.untilText("quantity: at least 1");
    screen.type("\r\r");
    screen.type("\u007f3");
    await screen.untilText("× 24.90 = 74.70");
    expect(submitted).toEqual([]);
  });

  test("keys typed fast arrive in one piece and are all taken, and . repeats the order", async () => {
    const { screen, submitted } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("a\r\r");
    await screen.untilText("committed in 31 ms");
    screen.type(".");
    await screen.until("a second submission", () => submitted.length === 2);
    expect(submitted[1]?.operations).toEqual(submitted[0]?.operations);
  });

  test("b sends as many orders as asked", async () => {
    const { screen, submitted } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("b");
    await screen.untilText("how many orders");
    screen.type("4\r");
    await screen.untilText("burst: 4 of 4 orders committed");
    screen.type("b100");
    await screen.untilText("how many orders   100_");
    screen.type("\r");
    await screen.untilText("58 not sent: no stock or funds");
    expect(submitted.length).toBeLessThan(104);
  });

  test("f arms the chosen fault in the chosen node", async () => {
    const { screen, armed } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("f");
    await screen.untilText("Nothing is injected");
    screen.type("\r");
    await screen.untilText("Fail: which node?");
    screen.type("\r");
    await screen.untilText("Fail warehouse: how?");
    screen.type("j\r");
    await screen.untilText("armed in warehouse: vote-no-transient");
    expect(armed).toEqual(["warehouse vote-no-transient 1"]);
  });

  test("x asks with what will be hit, N is the default, y kills; r brings it back", async () => {
    const { screen, killed, restarted, pass } = start(80, 24, {}, (story) => {
      story.begin();
      tellOrder(story, 1, "silent");
    });
    await screen.untilText("preparing");
    screen.type("x");
    const asked = await screen.untilText("Kill: which process?");
    expect(asked.some((line) => line.includes("> coordinator"))).toBe(true);
    screen.type("j\r");
    await screen.untilText("1 unfinished transaction will be hit");
    pass(1_000);
    screen.type("n");
    await screen.until(
      "the question gone",
      (lines) => !lines.some((line) => line.includes("Kill warehouse?")),
    );
    expect(killed).toEqual([]);
    screen.type("xj\r");
    await screen.untilText("Kill warehouse?");
    screen.type("y");
    pass(1_000);
    await screen.untilText("Kill warehouse?");
    expect(killed).toEqual([]);
    screen.type("y");
    await screen.untilText("warehouse is gone; r restarts it");
    expect(killed).toEqual([WAREHOUSE]);
    screen.type("r");
    await screen.untilText("warehouse is back");
    expect(restarted).toEqual([WAREHOUSE]);
  });

  test("an attached console says why it cannot kill, a read-only one that it may not act", async () => {
    const attached = start(80, 24, { cluster: null });
    await attached.screen.untilText("none yet");
    attached.screen.type("x");
    await attached.screen.untilText("kill is not available: this console did not start the processes");
    const watching = start(80, 24, { readOnly: true });
    await watching.screen.untilText("none yet");
    watching.screen.type("a");
    await watching.screen.untilText("this console is read-only");
    expect(watching.submitted).toEqual([]);
  });
});

describe("looking around", () => {
  test("digits change the screen, Enter opens a transaction, / filters the log, Space freezes", async () => {
    const { screen, story } = start(120, 40);
    await screen.untilText("none yet");
    tellOrder(story, 1, "committed");
    await screen.untilText("+ committed");
    screen.type("\r");
    await screen.untilText("Transaction 4.1");
    await screen.until(
      "three nodes, and all together, that cost what was promised",
      (lines) => lines.filter((line) => line.includes("as promised")).length === 4,
    );
    screen.type("\u001b");
    await screen.untilText("Transactions 1");
    screen.type("5");
    await screen.untilText("invariants hold");
    screen.type("6/ack\r");
    const log = await screen.untilText("filter /ack");
    expect(log.some((line) => line.includes("warehouse > coordinator ACK 4.1"))).toBe(true);
    expect(log.some((line) => line.includes("PREPARE"))).toBe(false);
    screen.type("1 ");
    await screen.untilText("FROZEN");
    tellOrder(story, 2, "committed");
    screen.type("?free");
    const frozen = await screen.untilText("freeze or thaw the view");
    expect(frozen.some((line) => line.includes("4.2 "))).toBe(false);
    screen.type("\u001b");
    await screen.until("no help", (lines) => !lines.some((line) => line.includes("freeze or thaw")));
    screen.type(" ");
    await screen.untilText("4.2   + committed");
  });
});

describe("themes", () => {
  test("T goes to the next one, whose colours are written at once", async () => {
    const { screen } = start(80, 24, { theme: "mono" });
    await screen.untilText("none yet");
    expect(screen.colorAt("LIVE")).toBe("default");
    screen.type("T");
    await screen.untilText("theme dark; --theme dark begins with it");
    expect(screen.colorAt("LIVE")).toBe("114");
    screen.type("T");
    await screen.untilText("theme light");
    expect(screen.colorAt("LIVE")).toBe("22");
  });

  test("without colours it says so, and none is written", async () => {
    const { screen } = start(80, 24, { colors: "none" });
    await screen.untilText("none yet");
    screen.type("T");
    await screen.untilText("leaves no colours");
    expect(screen.colorAt("LIVE")).toBe("default");
  });
});

describe("leaving", () => {
  test("q leaves, and gives the terminal back", async () => {
    const { screen, left } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("q");
    expect(await left).toEqual({ reason: "quit" });
    expect(screen.isAlternate()).toBe(false);
    expect(screen.cursorHidden()).toBe(false);
    expect(screen.stdin.isRaw).toBe(false);
  });

  test("q asks while something is unfinished", async () => {
    const { screen, left, pass } = start(80, 24, {}, (story) => {
      story.begin();
      tellOrder(story, 1, "silent");
    });
    await screen.untilText("preparing");
    screen.type("q");
    await screen.untilText("1 transaction is unfinished");
    pass(1_000);
    screen.type("y");
    expect(await left).toEqual({ reason: "quit" });
  });

  test("Ctrl-C asks once and leaves the second time", async () => {
    const { screen, left } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("\u0003");
    await screen.untilText("Ctrl-C again quits at once");
    screen.type("\u0003");
    expect(await left).toEqual({ reason: "signal" });
  });

  test("a defect while drawing gives the terminal back and is told to the caller", async () => {
    const { screen, story, left } = start(80, 24);
    await screen.untilText("none yet");
    const view = {
      kind: "warehouse",
      items: [{ sku: "BAD", name: "Bad", onHand: "x", reserved: "0", available: "0" }],
    };
    story.push({
      type: "events",
      events: [
        {
          node: WAREHOUSE,
          epoch: 4,
          number: 1,
          atMs: story.nowMs(),
          transactionId: null,
          body: { type: "rows-changed", rows: view as never },
        },
      ],
    });
    await expect(left).rejects.toMatchObject({ code: "TPC_INTERNAL" });
    expect(screen.isAlternate()).toBe(false);
  });
});
