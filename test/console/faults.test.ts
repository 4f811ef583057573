import { afterEach, describe, expect, it } from "vitest";
import type { NodeName } from "../../src/schema/ids.ts";
import type { Injected } from "../../src/schema/injection.ts";
import { closeConsoles, type Running, start } from "./running.ts";
import { COORDINATOR, LEDGER, type Story, tellOrder, transactionId, WAREHOUSE } from "./story.ts";

// Goal: one place shows what is injected and takes it back, everything can be injected from there, and a held protocol goes
// on message by message.

afterEach(closeConsoles);

const NOTHING: Injected = { faults: [], points: [], cuts: [], isHolding: false };

function tellInjected(story: Story, node: NodeName, change: Partial<Injected>): void {
  story.tell(node, null, { type: "injected-changed", injected: { ...NOTHING, ...change } });
}

function tellHeld(story: Story, node: NodeName, id: number, to: NodeName, message: string): void {
  const held = { id, to, message, text: "", transactionId: transactionId(1), atMs: story.nowMs() };
  story.tell(node, transactionId(1), { type: "message-held", held });
}

async function begin(change: Parameters<typeof start>[2] = {}): Promise<Running> {
  const crashPoints = async () => ["receive-abort", "sent-vote", "forced-commit"];
  const running = start(100, 30, { crashPoints, ...change });
  await running.screen.untilText("none yet");
  return running;
}

describe("the faults panel", () => {
  it("shows what is injected where, and takes back what is chosen", async () => {
    const { screen, story, armed } = await begin();
    tellInjected(story, WAREHOUSE, { faults: [{ fault: "vote-no", count: 2 }] });
    tellInjected(story, LEDGER, {
      points: [{ point: "sent-vote", count: 1 }],
      cuts: [{ peer: COORDINATOR, direction: "out" }],
    });
    screen.type("f");
    const lines = await screen.untilText("Faults: 3 things injected");
    const text = lines.join("\n");
    expect(text).toMatch(/warehouse +vote-no ×2/);
    expect(text).toMatch(/ledger +crash at sent-vote/);
    expect(text).toMatch(/ledger +what it sends to coordinator is cut/);
    screen.type("ggk\u001b[A\u001b[H");
    screen.type("\r");
    await expect.poll(() => armed).toContain("warehouse vote-no 0");
  });

  it("heals all with one line", async () => {
    const { screen, story, armed } = await begin();
    tellInjected(story, WAREHOUSE, { faults: [{ fault: "vote-no", count: 1 }] });
    tellInjected(story, LEDGER, { cuts: [{ peer: WAREHOUSE, direction: "both" }] });
    story.process(WAREHOUSE, { state: "paused", sinceMs: story.nowMs() });
    screen.type("f");
    const text = (await screen.untilText("Faults: 3 things injected")).join("\n");
    expect(text).toMatch(/warehouse +paused since \d\d:/);
    screen.type("G\r");
    await screen.untilText("healed: 3 faults");
    expect(armed).toEqual(["warehouse vote-no 0", "ledger link to warehouse healed"]);
  });

  it("no longer lists what was injected into a process that is gone, and heals without it", async () => {
    const { screen, story, armed } = await begin();
    tellInjected(story, WAREHOUSE, {
      faults: [{ fault: "crash-after-vote", count: 1 }],
      cuts: [{ peer: LEDGER, direction: "both" }],
    });
    tellInjected(story, LEDGER, { faults: [{ fault: "vote-no", count: 1 }] });
    story.process(WAREHOUSE, { state: "down", pid: null, exit: { code: null, signal: "SIGKILL" } });
    screen.type("f");
    const lines = await screen.untilText("Faults: 1 thing injected");
    expect(lines.join("\n")).not.toContain("crash-after-vote");
    screen.type("\u001b[F\r");
    await screen.untilText("healed: 1 fault");
    expect(armed).toEqual(["ledger vote-no 0"]);
  });

  it("arms a crash at any point, found by typing", async () => {
    const { screen, armed } = await begin();
    screen.type("fj\r");
    await screen.untilText("Crash: which node?");
    screen.type("j\r");
    await screen.untilText("a vote has left");
    screen.type("abor");
    await screen.until("one point left", (lines) => {
      const text = lines.join("\n");
      return text.includes("receive-abort") && !text.includes("sent-vote");
    });
    screen.type("\r");
    await screen.untilText("warehouse crashes at receive-abort, the next time");
    expect(armed).toEqual(["warehouse crash at receive-abort 1"]);
    screen.type("u");
    await expect.poll(() => armed.at(-1)).toBe("warehouse crash at receive-abort 0");
  });

  /** Arms a crash at the first point in the warehouse, which is then gone by it. */
  async function crashed({ screen, story }: Running): Promise<void> {
    screen.type("fj\r");
    await screen.untilText("Crash: which node?");
    screen.type("j\r");
    await screen.untilText("a vote has left");
    screen.type("abor\r");
    await screen.untilText("warehouse crashes at receive-abort, the next time");
    story.push({ type: "disconnected", node: WAREHOUSE, why: "gone" });
  }

  it("takes back a crash that has come by starting what it brought down, and what was armed in there by nothing", async () => {
    const running = await begin();
    const { screen, story, armed, restarted } = running;
    screen.type("f\r\r\r");
    await screen.untilText("armed in warehouse: vote-no");
    await crashed(running);
    story.process(WAREHOUSE, { state: "down", pid: null, exit: { code: null, signal: "SIGKILL" } });
    await screen.untilText("press r");
    screen.type("u");
    await screen.untilText("warehouse is back");
    expect([restarted, armed]).toEqual([
      [WAREHOUSE],
      ["warehouse vote-no 1", "warehouse crash at receive-abort 1"],
    ]);
    screen.type("u");
    await screen.untilText("nothing to undo: no fault of yours is left");
  });

  it("takes back a fault that is a crash the same way", async () => {
    const { screen, story, armed, restarted } = await begin();
    screen.type("f\r\rjj\r");
    await screen.untilText("armed in warehouse: crash-before-prepare");
    story.process(WAREHOUSE, { state: "down", pid: null, exit: { code: null, signal: "SIGKILL" } });
    await screen.untilText("press r");
    screen.type("u");
    await screen.untilText("warehouse is back");
    expect([restarted, armed]).toEqual([[WAREHOUSE], ["warehouse crash-before-prepare 1"]]);
  });

  it("is still there to be taken back when that has failed", async () => {
    const running = await begin();
    const { screen, restarted, refuseRestarts } = running;
    screen.type("xj\r");
    await screen.untilText("Kill warehouse?");
    running.pass(1_000);
    screen.type("y");
    await screen.untilText("warehouse is gone");
    refuseRestarts("its port is taken");
    screen.type("u");
    await screen.untilText("its port is taken");
    refuseRestarts(null);
    screen.type("u");
    await screen.untilText("warehouse is back");
    expect(restarted).toEqual([WAREHOUSE]);
    screen.type("u");
    await screen.untilText("nothing to undo: no fault of yours is left");
  });

  it("says why it cannot where the processes are not this console's own, and can once the node is back", async () => {
    const running = await begin({ cluster: null });
    const { screen, story, armed } = running;
    await crashed(running);
    await screen.untilText("LOST");
    screen.type("u");
    await screen.untilText("warehouse is not heard: if its crash has come, start it again where it runs");
    expect(armed).toHaveLength(1);
    story.push({ type: "connected", node: WAREHOUSE });
    story.snapshot(WAREHOUSE);
    await screen.until("heard", (lines) => !lines.some((line) => line.includes("LOST")));
    screen.type("u");
    await expect.poll(() => armed.at(-1)).toBe("warehouse crash at receive-abort 0");
  });

  it("cuts a link one way and heals it", async () => {
    const { screen, armed } = await begin();
    screen.type("p");
    await screen.untilText("Cut: which link?");
    screen.type("\r");
    await screen.untilText("what coordinator sends to");
    screen.type("j\r");
    await screen.untilText("cut: what coordinator sends to warehouse; u heals it");
    screen.type("u");
    await screen.untilText("healed");
    expect(armed).toEqual(["coordinator link to warehouse out", "coordinator link to warehouse healed"]);
  });

  it("pauses and resumes a process, and shows it as paused, and since when, on a small screen too", async () => {
    const { screen } = start(60, 15);
    await screen.untilText("+ warehouse");
    screen.type("fjjj\r");
    await screen.untilText("Pause or resume");
    screen.type("j\r");
    await screen.untilText("PAUSED");
    screen.type("3");
    const lines = await screen.untilText("NOTE");
    expect(lines.join("\n")).toMatch(/= warehouse +PAUSED \d+s +- +since \d\d:\d\d:\d\d/);
    screen.type("u");
    await screen.until("up again", (lines) => !lines.some((line) => line.includes("PAUSED")));
  });

  it("says how to get fault injection where there is none", async () => {
    const { screen } = start(100, 30, {}, (story) => {
      story.begin();
      for (const name of [COORDINATOR, WAREHOUSE, LEDGER]) story.snapshot(name, { faultInjection: false });
    });
    await screen.untilText("none yet");
    screen.type("f");
    await screen.untilText("start the nodes with --fault-injection");
  });
});

describe("step mode", () => {
  it("holds all nodes, lets messages go one by one or by phase, drops one, and goes on", async () => {
    const { screen, story, armed } = await begin();
    screen.type("o");
    await screen.untilText("held: } lets the next message go");
    expect([...new Set(armed)].sort()).toEqual(["coordinator holds", "ledger holds", "warehouse holds"]);
    /** That the console sees to it that all of them are held is told apart from what the user does. */
    const done = () => armed.filter((line) => !line.endsWith(" holds"));
    for (const name of [COORDINATOR, WAREHOUSE, LEDGER]) tellInjected(story, name, { isHolding: true });
    await screen.untilText("no message waits");
    tellOrder(story, 1, "preparing");
    tellHeld(story, COORDINATOR, 1, WAREHOUSE, "prepare");
    tellHeld(story, COORDINATOR, 2, LEDGER, "prepare");
    tellHeld(story, WAREHOUSE, 1, COORDINATOR, "vote");
    await screen.untilText("3 messages wait: coordinator > warehouse PREPARE 4.1");
    screen.type("}");
    await expect.poll(done).toEqual(["coordinator lets go 1"]);
    screen.type(")");
    await expect.poll(() => done().at(-1)).toBe("coordinator lets go 1 2");
    screen.type("O");
    await screen.untilText("Held messages 1 of 3");
    screen.type("jjd");
    await expect.poll(() => done().at(-1)).toBe("warehouse drops 1");
    screen.type("\u001b");
    await screen.until("no list", (lines) => !lines.some((line) => line.includes("Held messages")));
    screen.type("o");
    await expect
      .poll(() => done().slice(-3))
      .toEqual(["coordinator goes on", "warehouse goes on", "ledger goes on"]);
  });

  it("holds a node again that comes back, and gives orders all the time they need", async () => {
    const { screen, story, armed, submitted } = await begin();
    screen.type("o");
    await screen.untilText("held:");
    armed.splice(0);
    story.push({ type: "connected", node: LEDGER });
    story.snapshot(LEDGER);
    await expect.poll(() => armed).toContain("ledger holds");
    screen.type("a\r\r\r\r");
    await expect.poll(() => submitted).toHaveLength(1);
    expect(submitted[0]?.timeoutMs).toBeGreaterThan(3_600_000);
  });

  it("lets a node go, too, that stood still as the protocol was let go", async () => {
    const { screen, story, armed } = await begin();
    screen.type("o");
    await screen.untilText("held:");
    await expect.poll(() => armed).toContain("ledger holds");
    story.process(LEDGER, { state: "paused" });
    await screen.untilText("ledger paused");
    screen.type("o");
    await screen.untilText("the protocol goes on by itself");
    expect(armed).not.toContain("ledger goes on");
    story.process(LEDGER, { state: "up" });
    await expect.poll(() => armed.filter((line) => line === "ledger goes on")).toHaveLength(1);
  });

  it("shows what is held in the sequence, and says that the user is waited for", async () => {
    const { screen, story } = await begin();
    tellOrder(story, 1, "preparing");
    tellInjected(story, WAREHOUSE, { isHolding: true });
    tellHeld(story, WAREHOUSE, 1, COORDINATOR, "vote");
    await screen.untilText("1 message waits");
    screen.type("\r");
    await screen.untilText("1 held message to be let go");
    await screen.until("a dotted arrow", (lines) => lines.some((line) => /=·.*vote/.test(line)));
    story.tell(WAREHOUSE, transactionId(1), {
      type: "message-sent",
      to: COORDINATOR,
      message: "vote",
      text: "yes",
      heldId: 1,
    });
    await screen.until("gone", (lines) => !lines.some((line) => line.includes("held message")));
  });

  it("promises no time-out while timers stand still, though a participant is down", async () => {
    const { screen, story } = await begin();
    tellOrder(story, 1, "preparing");
    tellInjected(story, COORDINATOR, { isHolding: true });
    tellHeld(story, COORDINATOR, 1, WAREHOUSE, "prepare");
    story.push({ type: "disconnected", node: WAREHOUSE, why: "gone" });
    screen.type("4");
    await screen.untilText("nothing times out while messages are held");
    expect(screen.lines().join("\n")).not.toMatch(/by itself|time-out/);
  });

  it("names both ends of what is held at 60 columns, and marks the chosen one", async () => {
    const { screen, story } = start(60, 15);
    await screen.untilText("none yet");
    tellOrder(story, 1, "preparing");
    tellInjected(story, COORDINATOR, { isHolding: true });
    tellHeld(story, COORDINATOR, 1, WAREHOUSE, "prepare");
    await screen.untilText("1 message waits");
    screen.type("O");
    const lines = await screen.untilText("Held messages 1 of 1");
    expect(lines.join("\n")).toMatch(/> +\d+s +coordinator > warehouse +PREPARE 4\.1/);
  });

  it("does nothing where nothing is held, and says so", async () => {
    const { screen, armed } = await begin();
    screen.type("}");
    await screen.untilText("nothing is held; o holds the protocol");
    screen.type("O");
    await screen.untilText("nothing is held; o holds the protocol");
    expect(armed).toEqual([]);
  });
});
