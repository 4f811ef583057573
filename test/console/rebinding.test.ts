import { afterEach, describe, expect, test } from "vitest";
import { KEYMAP } from "../../src/console/keymap.ts";
import { rebind } from "../../src/console/rebinding.ts";
import { REPLAY_BINDINGS } from "../../src/console/replay/bindings.ts";
import { tellCoordinatorDown } from "./doubt-story.ts";
import { closeConsoles, start } from "./running.ts";
import { COORDINATOR, LEDGER, type Story, tellOrder, WAREHOUSE } from "./story.ts";

afterEach(closeConsoles);

/** The table with these entries of a file; fails where it is refused. */
function bound(file: unknown) {
  const read = rebind(KEYMAP, file);
  if ("problem" in read) throw new Error(read.problem);
  return read.bindings;
}

describe("a file of keys", () => {
  test.each([
    [["kill"], "it should be an object"],
    ["kill", "it should be an object"],
    [null, "it should be an object"],
    [{ launch: "l" }, '"launch": there is no such command'],
    [{ nextmatch: "l" }, '"nextmatch": there is no such command; perhaps "next-match"'],
    [{ ordr: "l" }, '"ordr": there is no such command; perhaps "order"'],
    [{ x: "l" }, '"x": there is no such command; README.md lists them'],
    [{ kill: 7 }, "kill: 7 is no key"],
    [{ kill: "" }, 'kill: "" is no key'],
    [{ kill: "hyper-x" }, 'kill: "hyper-x" is no key'],
    [{ kill: "ctrl-1" }, 'kill: "ctrl-1" is no key'],
    [{ kill: "F5" }, 'kill: "F5" can never be bound'],
    [{ kill: "alt-x" }, 'kill: "alt-x" can never be bound'],
    [{ kill: "escape" }, 'kill: "escape" can never be bound'],
    [{ kill: "ctrl-d" }, 'kill: "ctrl-d" can never act'],
    [{ back: "b" }, "back: its keys stay as they are"],
    [{ interrupt: [] }, "interrupt: its keys stay as they are"],
    [{ quit: [] }, "quit: it cannot be without a key"],
    [{ order: "n" }, 'order: "n" is a key of next-match; give that another, or []'],
    [{ order: "space" }, 'order: "space" is a key of freeze'],
    [{ order: "!", burst: "!" }, 'order: "!" is a key of burst'],
  ])("%j is refused by one line that names the entry", (file, problem) => {
    const read = rebind(KEYMAP, file);
    expect("problem" in read ? read.problem : "").toContain(problem);
  });

  test.each(["a", "b", "c", "h", "i", "k", "m", "q", "s", "z"].map((letter) => `ctrl-${letter}`))(
    "%s is never bound",
    (key) => {
      expect(rebind(KEYMAP, { filter: key })).toHaveProperty("problem");
    },
  );

  test("changes what it names, swaps included, and nothing else", () => {
    const bindings = bound({ order: "n", "next-match": ["a", "ctrl-n"], kill: [] });
    const keysOf = (command: string) => bindings.find((each) => each.command === command)?.keys;
    expect([keysOf("order"), keysOf("next-match"), keysOf("kill")]).toEqual([["n"], ["a", "ctrl-n"], []]);
    const others = (each: (typeof KEYMAP)[number]) => !["order", "next-match", "kill"].includes(each.command);
    expect(bindings.filter(others)).toEqual(KEYMAP.filter(others));
  });
});

test("no key stands for two things, neither live nor in a replay", () => {
  for (const bindings of [KEYMAP, REPLAY_BINDINGS]) {
    const keys = bindings.flatMap(({ keys: own }) => own);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  }
});

test("what an action says of the next key follows the user's own keys", async () => {
  const bindings = bound({ kill: "X", restart: "Z", undo: "U", participants: [] });
  const { screen, pass } = start(100, 30, { bindings });
  await screen.untilText("none yet");
  screen.type("Xj\r");
  await screen.untilText("Kill warehouse?");
  pass(1_000);
  screen.type("y");
  await screen.untilText("warehouse is gone; Z restarts it");
  await screen.untilText("SIGKILL; press Z");
  screen.type("f\r\r\r");
  await screen.untilText("an order sets it off; U disarms it");
});

test("what messages, lists and explanations say of keys follows the user's own keys", async () => {
  const bindings = bound({
    order: "A",
    fault: "F",
    hold: "P",
    step: "%",
    "step-phase": [],
    held: "*",
    restart: "Z",
    resolve: "X",
    freeze: "!",
    dashboard: "D",
    "next-match": "J",
    "in-doubt": [],
  });
  const { screen, story } = start(120, 40, { bindings });
  await screen.untilText("none yet");
  screen.type("!");
  await screen.untilText("view frozen: 0 events since; ! thaws it");
  screen.type("!%");
  await screen.untilText("nothing is held; P holds the protocol, to go on step by step");
  screen.type("*");
  await screen.untilText("nothing is held; P holds the protocol");
  screen.type("3");
  await screen.untilText("can be armed (F)");
  screen.type("X");
  await screen.untilText("choose one in D, 2 or in-doubt");
  screen.type("P");
  await screen.untilText("held: % lets the next message go, * lists them, P goes on");
  for (const name of [COORDINATOR, WAREHOUSE, LEDGER]) {
    const injected = { faults: [], points: [], cuts: [], isHolding: true };
    story.tell(name, null, { type: "injected-changed", injected });
  }
  await screen.untilText("no message waits: A brings some, P lets the protocol go on");
  screen.type("%");
  await screen.untilText("no message waits: an order (A) brings some; P goes on");
  screen.type("*");
  await screen.untilText("none waits: an order (A) brings some");
});

describe("dialogs follow the user's own keys", () => {
  const own = {
    down: "e",
    up: "i",
    quit: "Q",
    fault: "F",
    held: "H",
    drop: "D",
    "step-phase": "%",
    copy: "Y",
  };

  test("lists are walked with them and left with them; the old ones do nothing there", async () => {
    const { screen, armed } = start(100, 30, { bindings: bound({ ...own, "next-tab": "W" }) });
    await screen.untilText("none yet");
    screen.type("Fj");
    await screen.untilText("> arm a fault");
    screen.type("e");
    await screen.untilText("> crash at a point");
    screen.type("i\r");
    await screen.untilText("Fail: which node?");
    screen.type("f\r");
    await screen.untilText("once");
    screen.type("Q");
    await screen.until("the menu closed", (lines) => !lines.some((line) => line.includes("once")));
    screen.type("F");
    await screen.untilText("Nothing is injected");
    screen.type("F");
    await screen.until(
      "closed by its own key",
      (lines) => !lines.some((line) => line.includes("Nothing is")),
    );
    expect(armed).toEqual([]);
  });

  test("arrows, Enter and Esc stay, whatever else they are bound to", async () => {
    const { screen } = start(100, 30, { bindings: bound({ open: "!", order: "enter", burst: "ctrl-e" }) });
    await screen.untilText("none yet");
    screen.type("f\u001b[B");
    await screen.untilText("> crash at a point");
    screen.type("\r");
    await screen.untilText("Crash: which node?");
    screen.type("\u001b");
    await screen.until("closed", (lines) => !lines.some((line) => line.includes("Crash: which node?")));
  });

  test("the list of held messages names and takes them", async () => {
    const { screen, story, armed } = start(100, 30, { bindings: bound(own) });
    const id = tellOrder(story, 1, "silent");
    for (const name of [COORDINATOR, WAREHOUSE, LEDGER]) {
      const injected = { faults: [], points: [], cuts: [], isHolding: true };
      story.tell(name, null, { type: "injected-changed", injected });
    }
    const said = { to: WAREHOUSE, message: "prepare", text: "", transactionId: id } as const;
    story.tell(COORDINATOR, id, { type: "message-held", held: { id: 7, atMs: story.nowMs(), ...said } });
    await screen.untilText("HELD");
    screen.type("H");
    await screen.untilText("D drops it  % phase  Esc closes");
    screen.type("d");
    screen.type("D");
    await expect.poll(() => armed).toEqual(["coordinator drops 7"]);
  });

  test("what was done is copied with them", async () => {
    const { screen } = start(100, 30, { bindings: bound(own) });
    await screen.untilText("none yet");
    screen.type("F\r\r\r");
    await screen.untilText("armed in ");
    screen.type("@");
    await screen.untilText("Y copies the command");
    screen.type("y");
    screen.type("Y");
    await screen.untilText("copied the command of arm");
    expect(screen.copied()).toHaveLength(1);
  });
});

describe("the ways out of a block", () => {
  const blocked = (story: Story): void => {
    story.begin();
    tellOrder(story, 1, "prepared");
    tellCoordinatorDown(story);
  };

  test("are named with the user's own keys", async () => {
    const bindings = bound({ restart: "Z", resolve: "X" });
    const { screen } = start(120, 40, { bindings }, blocked);
    screen.type("4");
    await screen.untilText("safe        Z: restart coordinator");
    await screen.untilText("unsafe      X: commit or abort by hand");
  });

  test("name the faults' key where a process stands still", async () => {
    const { screen, story } = start(120, 40, { bindings: bound({ fault: "F" }) });
    tellOrder(story, 1, "silent");
    story.process(LEDGER, { state: "paused" });
    screen.type("4");
    await screen.untilText("safe        F: let ledger go on");
  });

  test("are named without a key where there is none, or the console is locked", async () => {
    const keyless = start(120, 40, { bindings: bound({ restart: [], resolve: [] }) }, blocked);
    const locked = start(120, 40, { readOnly: true }, blocked);
    for (const { screen } of [keyless, locked]) {
      screen.type("4");
      await screen.untilText("safe        restart coordinator");
      await screen.untilText("unsafe      commit or abort by hand");
    }
  });
});

test("the keys of a replay are rebound by the same file, which may name what only one of the two has", () => {
  const file = { step: "l", "step-back": "h", play: "enter", open: "space", order: "n", "next-match": ";" };
  const replay = rebind(REPLAY_BINDINGS, file, KEYMAP);
  if ("problem" in replay) throw new Error(replay.problem);
  const keysOf = (command: string) => replay.bindings.find((each) => each.command === command)?.keys;
  expect([keysOf("step"), keysOf("play"), keysOf("next-match")]).toEqual([["l"], ["enter"], [";"]]);
  expect(rebind(REPLAY_BINDINGS, { faster: "j" }, KEYMAP)).toMatchObject({
    problem: expect.stringContaining('faster: "j" is a key of down'),
  });
  expect(rebind(REPLAY_BINDINGS, { launch: "l" }, KEYMAP)).toHaveProperty("problem");
});

test("a rebound key acts, the old one no longer does, and hints, help and messages name the new one", async () => {
  const bindings = bound({ order: "n", "next-match": "ctrl-n", "read-only": "!", help: ["H"] });
  const { screen } = start(100, 30, { bindings });
  const lines = await screen.untilText("n chooses what");
  expect(lines.at(-1)).toContain("H help");
  expect(lines.at(-1)).toContain("n order");
  screen.type("a");
  screen.type("H");
  const help = await screen.untilText("type to narrow");
  expect(help.some((line) => line.includes("n          place an order"))).toBe(true);
  screen.type("\u001b");
  await screen.until("the help closed", (now) => !now.some((line) => line.includes("type to narrow")));
  screen.type("!");
  await screen.untilText("until ! unlocks it");
  screen.type("n");
  await screen.untilText("this console is read-only: ! unlocks it");
});
