import { afterEach, describe, expect, test } from "vitest";
import { closeConsoles, start } from "./running.ts";
import { tellLedgerDown, tellOrder, transactionId } from "./story.ts";

// Goal: for a screen reader the console says what changes, once, in lines; it draws nothing.

afterEach(closeConsoles);

describe("the console for a screen reader", () => {
  test("says how the cluster is, and keeps to the primary screen", async () => {
    const { screen } = start(80, 24, { screenReader: true });
    await screen.untilText("question mark: help");
    expect(screen.isAlternate()).toBe(false);
    expect(screen.lines().some((line) => line.includes("LIVE"))).toBe(true);
  });

  test("says each change of state once, and which of several choices is the present one", async () => {
    const { screen, story } = start(110, 60, { screenReader: true });
    await screen.untilText("question mark: help");
    tellOrder(story, 1, "committed");
    await screen.untilText("4.1 committed: ship 2 LAMP-01");
    tellOrder(story, 2, "silent");
    tellLedgerDown(story);
    const lines = await screen.untilText("ledger is down");
    expect(lines.filter((line) => line.includes("4.1 committed"))).toHaveLength(1);
    expect(lines.join("")).not.toMatch(/[│─┌]/);
    screen.type("R");
    await screen.untilText("chosen commit, abort");
    screen.type("\u001b[C");
    await screen.untilText("commit, chosen abort");
  });

  test("says what the user's keys do: a screen, a dialog, what is chosen in it", async () => {
    const { screen, story } = start(80, 24, { screenReader: true });
    await screen.untilText("question mark: help");
    tellOrder(story, 1, "committed");
    await screen.untilText("4.1 committed");
    screen.type("5");
    await screen.untilText("invariants hold");
    screen.type("b");
    await screen.untilText("how many orders");
    screen.type("\u001b");
    await screen.untilText("closed");
  });

  test("reads what is opened whole, and says which tab it is", async () => {
    const { screen, story } = start(80, 400, { screenReader: true });
    await screen.untilText("question mark: help");
    const id = tellOrder(story, 1, "committed");
    await screen.untilText("4.1 committed");
    screen.type("\r[");
    const raw = await screen.untilText("tab Raw");
    expect(raw.join("")).toContain(id);
    expect(raw.filter((line) => line === "ledger:" || line === "warehouse:")).toHaveLength(2);
    // Of another tab only what it holds itself.
    screen.type("]]");
    const votes = await screen.untilText("tab Votes");
    expect(votes[votes.indexOf("tab Votes") + 1]).toMatch(/^A, warehouse, /);
    expect(votes.filter((line) => line.startsWith("Transaction 4.1"))).toHaveLength(1);
    screen.type("\u001b");
    await screen.untilText("Transactions 1");
    screen.type("?");
    const help = await screen.untilText("Keys");
    expect(help.join("")).not.toMatch(/Keys 1-/);
    expect(help.join("")).toContain("draw the screen anew");
  });

  test("reads stock and ledger one after the other, and of a menu only where the cursor is now", async () => {
    const { screen } = start(80, 100, { screenReader: true });
    await screen.untilText("question mark: help");
    screen.type("5");
    const rows = await screen.untilText("invariants hold");
    expect(rows.some((line) => line.includes("LAMP-01") && line.includes("cash"))).toBe(false);
    screen.type("xj");
    const menu = await screen.untilText("> warehouse, pid");
    expect(menu.filter((line) => line.includes("coordinator, pid"))).toHaveLength(1);
  });

  test("says of the palette how much answers to what is typed, and what Enter would do", async () => {
    const { screen } = start(160, 100, { screenReader: true });
    await screen.untilText("question mark: help");
    screen.type(":");
    await screen.untilText("type a name, Enter runs it, Esc closes, ");
    await screen.untilText("> help, this help, key question mark");
    for (const letter of "stoc") screen.type(letter);
    const lines = await screen.untilText("stoc, ");
    expect(lines.some((line) => /^stoc, \d+ found$/.test(line))).toBe(true);
    await screen.untilText("> stock, stock and ledger, key 5");
    expect(screen.lines().join("\n")).not.toContain("…");
    screen.type("\r");
    await screen.untilText("invariants hold");
    screen.type("?");
    await screen.untilText("draw the screen anew");
    screen.type("\u001b[B");
    await screen.untilText("> burst, place many orders at once, key b");
  });

  test("does not repeat the field that the cursor has left", async () => {
    const { screen } = start(110, 60, { screenReader: true });
    await screen.untilText("question mark: help");
    screen.type("a");
    await screen.untilText("> customer, chosen ");
    screen.type("\u001b[B");
    const lines = await screen.untilText("> item, chosen ");
    expect(lines.filter((line) => /^(> )?customer, /.test(line))).toHaveLength(1);
  });

  test("says once what has become of an order", async () => {
    const { screen, story } = start(110, 60, { screenReader: true });
    await screen.untilText("a: order");
    screen.type("\r");
    await screen.untilText("committed in");
    const id = tellOrder(story, 7, "committed");
    expect(id).toBe(transactionId(7));
    tellLedgerDown(story);
    const lines = await screen.untilText("ledger is down");
    expect(lines.filter((line) => line.startsWith("4.7 committed"))).toHaveLength(1);
  });

  test("leaves by q, and gives the keyboard back", async () => {
    const { screen, left } = start(80, 24, { screenReader: true });
    await screen.untilText("question mark: help");
    screen.type("q");
    expect(await left).toEqual({ reason: "quit" });
    expect(screen.stdin.isRaw).toBe(false);
  });
});
