import { afterEach, describe, expect, test } from "vitest";
import type { Operator } from "../../src/observe/ports.ts";
import { closeConsoles, start } from "./running.ts";
import { LEDGER, tellOrder, transactionId, WAREHOUSE } from "./story.ts";

afterEach(closeConsoles);

// What the keys do that look and act everywhere: palette, help, command log, undo, lock.

describe("the palette", () => {
  test("lists commands with their keys, narrows as one types, and Enter runs the first", async () => {
    const { screen } = start(80, 24);
    await screen.untilText("none yet");
    screen.type(":");
    const all = await screen.untilText("Enter runs it");
    expect(all.some((line) => /order +place an order: one transaction +a /.test(line))).toBe(true);
    screen.type("led");
    await screen.untilText("stock and ledger");
    screen.type("\r");
    await screen.until("the node of that name", (lines) => /> x? ?\+? ?ledger/.test(lines.join("\n")));
    screen.type(":stock\r");
    await screen.untilText("invariants hold");
  });

  test("goes to a transaction by its id and to a node by its name", async () => {
    const { screen, story } = start(80, 24);
    tellOrder(story, 1, "committed");
    tellOrder(story, 12, "committed");
    await screen.untilText("4.12");
    screen.type(":4.1\r");
    await screen.untilText("Transaction 4.1 ");
    screen.type(":warehouse\r");
    await screen.untilText("> + warehouse");
    screen.type("-");
    await screen.untilText("Transaction 4.1 ");
  });

  test("says when nothing has that name, and Esc closes it", async () => {
    const { screen } = start(80, 24);
    await screen.untilText("none yet");
    screen.type(":zzz");
    await screen.untilText("nothing has that name");
    screen.type("\r\u001b");
    await screen.until("no palette", (lines) => !lines.some((line) => line.includes("Enter runs it")));
  });

  test("offers a locked console nothing that acts", async () => {
    const { screen } = start(80, 24, { readOnly: true });
    await screen.untilText("none yet");
    screen.type(":kill");
    await screen.untilText("nothing has that name; while read-only nothing acts");
  });
});

test("a key that nothing is on says so, and hides nothing of weight", async () => {
  const { screen } = start(100, 30);
  await screen.untilText("none yet");
  screen.type("R");
  await screen.untilText("what is settled by hand is a transaction");
  screen.type("h");
  await screen.until("the key to be taken", () => screen.stdin.readableLength === 0);
  await screen.untilText("what is settled by hand is a transaction");
  screen.type("\u001b");
  await screen.until("no message", (lines) => !lines.some((line) => line.includes("what is settled")));
  screen.type("h");
  await screen.untilText("h does nothing; ? lists the keys");
});

describe("the help", () => {
  test("is narrowed by typing, and Enter runs the chosen line", async () => {
    const { screen } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("?");
    await screen.untilText("type to narrow");
    screen.type("burst");
    await screen.until("one line", (lines) => !lines.some((line) => line.includes("arm a fault")));
    screen.type("\r");
    await screen.untilText("how many orders");
  });

  test("answers what a single key does", async () => {
    const { screen } = start(80, 24);
    await screen.untilText("none yet");
    screen.type("?R");
    await screen.untilText("settle by hand what is in doubt");
    screen.type("\u007f");
    await screen.untilText("Leave");
  });
});

test("on a low screen the help says where one is, and its end can be reached", async () => {
  const { screen } = start(60, 15);
  await screen.untilText("none yet");
  screen.type("?");
  await screen.untilText("Keys 1-11 of ");
  screen.type("\u001b[A");
  await screen.untilText("not needed");
});

describe("the command log", () => {
  test("keeps every action with its command and how it ended, and y copies the command", async () => {
    const { screen, pass } = start(120, 40);
    await screen.untilText("none yet");
    screen.type("@");
    await screen.untilText("nothing yet: what you do stands here");
    screen.type("\u001b");
    await screen.until("it closed", (lines) => !lines.some((line) => line.includes("What you did")));
    screen.type("a\r\r");
    await screen.untilText("committed in 31 ms");
    screen.type("xj\r");
    await screen.untilText("Kill warehouse?");
    pass(1_000);
    screen.type("y");
    await screen.untilText("warehouse is gone");
    screen.type("@");
    const lines = await screen.untilText("y copies the command");
    expect(lines.some((line) => line.includes("│ $ kill -9 4009 "))).toBe(true);
    expect(lines.some((line) => line.includes("order: 1 LAMP-01 for alice, 24.90  4.7 committed"))).toBe(
      true,
    );
    expect(lines.some((line) => line.includes("kill warehouse  warehouse is gone"))).toBe(true);
    screen.type("ky");
    await screen.untilText("copied the command of order: 1 LAMP-01");
    expect(screen.copied()).toEqual([
      `printf '%s\\n' '{"operations":[{"participant":"warehouse","op":"ship","sku":"LAMP-01","quantity":1},{"participant":"ledger","op":"transfer","debit":"alice","credit":"revenue","amount":"2490"}]}' | 2pc-console submit - --to ws://127.0.0.1:7420`,
    ]);
  });

  test("commands name the token's file where they would not find it", async () => {
    const { screen } = start(120, 40, { tokenFile: "/data/it's mine/token" });
    await screen.untilText("none yet");
    screen.type("f\r\r\r");
    await screen.untilText("armed in warehouse: vote-no");
    screen.type("@");
    await screen.untilText(
      "$ 2pc-console fault arm vote-no --node warehouse --times 1 --to ws://127.0.0.1:7421 --token-file",
    );
  });

  test("what tmux needs to pass on what is copied is said once, whole on a narrow screen", async () => {
    const { screen } = start(80, 24, { inTmux: true });
    await screen.untilText("none yet");
    screen.type("3y");
    await screen.untilText("copied the name (tmux needs: set -g set-clipboard on); again copies the line");
    screen.type("y");
    await screen.untilText("copied the line coordinator");
    expect(screen.lines().join("\n")).not.toContain("set-clipboard");
  });
});

test("the palette and the help mark the letters that answer", async () => {
  const { screen } = start(100, 30);
  await screen.untilText("LIVE");
  screen.type(":kil");
  await screen.untilText(":kil_");
  expect(screen.underlinedAt("kill  ")).toBe(true);
  expect(screen.underlinedAt("kill a process")).toBe(false);
  screen.type("\u001b");
  await screen.until("closed", (lines) => !lines.some((line) => line.includes(":kil_")));
  screen.type("?throw");
  await screen.untilText("Keys: throw_");
  screen.type("\u007f\u007f\u007f\u007f\u007fSIGK");
  await screen.untilText("Keys: SIGK_");
  expect(screen.underlinedAt("SIGKILL; asks")).toBe(true);
});

test("the command log says why a hold has no command", async () => {
  const { screen } = start(100, 30, {}, (story) => {
    story.begin();
    for (const name of [WAREHOUSE, LEDGER]) story.snapshot(name, { faultInjection: true });
  });
  await screen.untilText("LIVE");
  screen.type("o");
  await screen.untilText("held: } lets");
  screen.type("@");
  await screen.untilText("messages are held for as long as the connection lasts");
});

test("an order whose answer does not come counts as unfinished, and the way out asks", async () => {
  const { screen } = start(120, 30, { operator: neverAnswering() });
  await screen.untilText("unfinished 0");
  screen.type("\r");
  await screen.untilText("unfinished 1");
  screen.type("q");
  await screen.untilText("1 transaction is unfinished");
});

describe("undo", () => {
  test("takes back the last fault first: disarms what was armed, restarts what was killed", async () => {
    const { screen, pass, armed, restarted } = start(100, 30);
    await screen.untilText("none yet");
    screen.type("u");
    await screen.untilText("nothing to undo");
    screen.type("f\r\r\r");
    await screen.untilText("armed in warehouse: vote-no; an order sets it off; u disarms it");
    screen.type("xjj\r");
    await screen.untilText("Kill ledger?");
    pass(1_000);
    screen.type("y");
    await screen.untilText("ledger is gone");
    screen.type("u");
    await screen.untilText("ledger is back");
    screen.type("u");
    await screen.untilText("disarmed in warehouse: vote-no");
    expect([armed, restarted]).toEqual([["warehouse vote-no 1", "warehouse vote-no 0"], [LEDGER]]);
    screen.type("u");
    await screen.untilText("nothing to undo");
  });

  test("passes over what was mended by hand", async () => {
    const { screen, pass, restarted, armed } = start(100, 30);
    await screen.untilText("none yet");
    screen.type("f\rj\r\r");
    await screen.untilText("armed in ledger: vote-no");
    screen.type("f\r\r\r");
    await screen.untilText("armed in warehouse: vote-no");
    screen.type("xj\r");
    await screen.untilText("Kill warehouse?");
    pass(1_000);
    screen.type("y");
    await screen.untilText("warehouse is gone");
    screen.type("r");
    await screen.untilText("warehouse is back");
    screen.type("u");
    await screen.untilText("disarmed in ledger: vote-no");
    expect([restarted, armed.length]).toEqual([[WAREHOUSE], 3]);
  });
});

describe("the lock", () => {
  test("L locks at once; unlocking asks, and No is the default", async () => {
    const { screen, submitted, pass } = start(100, 30);
    await screen.untilText("none yet");
    screen.type("L");
    const locked = await screen.untilText("locked: this console is read-only");
    expect(locked[0]).toContain("read-only");
    expect(locked.at(-1)).not.toContain("order");
    screen.type("a\r\r");
    await screen.untilText("this console is read-only: L unlocks it");
    screen.type("L");
    await screen.untilText("Unlock?");
    pass(1_000);
    screen.type("\r");
    await screen.until("it closed", (lines) => !lines.some((line) => line.includes("Unlock?")));
    expect(screen.lines()[0]).toContain("read-only");
    screen.type("L");
    await screen.untilText("Unlock?");
    pass(1_000);
    screen.type("y");
    await screen.untilText("unlocked");
    expect(submitted).toEqual([]);
  });
});

test("- goes back and forth between two views, tab and filter included", async () => {
  const { screen, story } = start(100, 30);
  tellOrder(story, 1, "committed");
  await screen.untilText("4.1");
  screen.type("-");
  await screen.untilText("there is no view before this one");
  screen.type(`:${transactionId(1).slice(-3)}\r]`);
  await screen.untilText("acked the commit");
  screen.type("6/vote\r");
  await screen.untilText("filter /vote");
  screen.type("-");
  await screen.untilText("Transaction 4.1 ");
  screen.type("-");
  await screen.untilText("filter /vote");
});

/** A coordinator that takes what it is sent and says nothing. */
function neverAnswering(): Operator {
  const silent = (): Promise<never> => new Promise(() => {});
  return {
    submit: silent,
    armFault: silent,
    armCrash: silent,
    cutLink: silent,
    hold: silent,
    releaseHeld: silent,
    resolve: silent,
  };
}
