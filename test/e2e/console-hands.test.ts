import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import xterm from "@xterm/headless";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Home, makeHome, nodePids } from "./program.ts";
import { closeTerminals, openTerminal, type Terminal, upAndRunning } from "./terminal.ts";

// Goal: what hands do in a real terminal beside typing letters: the mouse, the clipboard, keys of one's own, a reset.

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(async () => {
  closeTerminals();
  await home.remove();
});

/** What a terminal of that size shows after all that was written to it. */
async function screenOf(terminal: Terminal): Promise<string> {
  const grid = new xterm.Terminal({ cols: 100, rows: 30, allowProposedApi: true, scrollback: 0 });
  await new Promise<void>((resolve) => grid.write(terminal.output(), resolve));
  return Array.from({ length: 30 }, (_, row) =>
    grid.buffer.active.getLine(row)?.translateToString(true),
  ).join("\n");
}

const WAIT = { timeout: 15_000 };

async function open(...args: readonly string[]): Promise<Terminal> {
  const terminal = openTerminal(home, ["--data", "state", ...args]);
  await upAndRunning(terminal, join(home.dir, "state"));
  await expect.poll(() => screenOf(terminal), WAIT).toMatch(/LIVE .*2\/2/);
  return terminal;
}

/** The order that the empty dashboard offers, once there is something to sell. */
async function orderFirst(terminal: Terminal): Promise<void> {
  terminal.pty.write("5");
  await expect.poll(() => screenOf(terminal), WAIT).toContain("LAMP-01");
  terminal.pty.write("1");
  await expect.poll(() => screenOf(terminal), WAIT).toContain("none yet: Enter places a first order");
  terminal.pty.write("\r");
  await expect.poll(() => screenOf(terminal), WAIT).toMatch(/> 1\.1 +\+ committed/);
}

const clipboard = (terminal: Terminal): readonly string[] =>
  [...terminal.output().matchAll(/\u001b\]52;c;([A-Za-z0-9+/=]*)\u0007/g)].map(([, text = ""]) =>
    Buffer.from(text, "base64").toString("utf8"),
  );

describe("hands at a terminal", { timeout: 60_000 }, () => {
  it("m asks the terminal for its mouse; a click changes the screen, and leaving gives the mouse back", async () => {
    const terminal = await open();
    terminal.pty.write("m");
    await expect.poll(terminal.output, WAIT).toContain("\u001b[?1000h\u001b[?1006h");
    // The sixth screen's title, in the second row.
    const [, tabs = ""] = (await screenOf(terminal)).split("\n");
    terminal.pty.write(`\u001b[<0;${tabs.indexOf("6 Log") + 2};2M`);
    await expect.poll(() => screenOf(terminal), WAIT).toContain("── Log");
    terminal.pty.write("\u0003");
    terminal.pty.write("\u0003");
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
    const farewell = terminal.output().slice(terminal.output().lastIndexOf("\u001b[?1000h"));
    expect(farewell).toContain("\u001b[?1006l\u001b[?1000l");
  });

  it("y hands what is chosen to the terminal's clipboard, through OSC 52", async () => {
    const terminal = await open();
    terminal.pty.write("5");
    await expect.poll(() => screenOf(terminal), WAIT).toContain("> LAMP-01");
    terminal.pty.write("y");
    await expect.poll(() => clipboard(terminal), WAIT).toEqual(["LAMP-01"]);
    terminal.pty.write("y");
    await expect.poll(() => clipboard(terminal).length, WAIT).toBe(2);
    expect(clipboard(terminal)[1]).toMatch(/^warehouse {2}LAMP-01 .* on hand \d+ {2}reserved 0/);
    terminal.pty.write("y");
    await expect.poll(() => clipboard(terminal).length, WAIT).toBe(3);
    // What was copied is a command that works as it stands.
    const [, ...words] = (clipboard(terminal)[2] ?? "").split(" ");
    const run = await home.run(words);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain("LAMP-01");
  });

  it("--keys gives keys of one's own, and a bad file starts nothing and says why", async () => {
    await writeFile(join(home.dir, "keys.json"), '{ "stock": "!", "dashboard": [] }');
    const terminal = await open("--keys", "keys.json");
    terminal.pty.write("5");
    terminal.pty.write("!");
    await expect.poll(() => screenOf(terminal), WAIT).toContain("── Stock");
    await writeFile(join(home.dir, "bad.json"), '{ "kill": "j" }');
    const refused = openTerminal(home, ["--fresh", "--keys", "bad.json"]);
    expect(await refused.ended).toMatchObject({ exitCode: 78 });
    expect(refused.output()).toContain('TPC_CONFIG: bad.json: kill: "j" is a key of down');
  });

  it("a reset from inside deletes what was kept and starts anew, in the same console", async () => {
    const terminal = await open();
    const before = await nodePids(join(home.dir, "state"));
    await orderFirst(terminal);
    terminal.pty.write(":reset\r");
    await expect.poll(() => screenOf(terminal), WAIT).toContain("1 transaction known here will be gone");
    // Keys typed before the question could be read do not answer it; this one comes until it does.
    await expect
      .poll(async () => {
        if ((await screenOf(terminal)).includes("Delete it?")) terminal.pty.write("y");
        return screenOf(terminal);
      }, WAIT)
      .toContain("type delete to confirm");
    terminal.pty.write("delete\r");
    await expect.poll(() => screenOf(terminal), WAIT).toContain("started anew");
    await expect.poll(() => screenOf(terminal), WAIT).toMatch(/LIVE .*2\/2/);
    const shown = await screenOf(terminal);
    expect(shown).toContain("none yet");
    expect(shown).not.toContain("+ committed");
    const after = await nodePids(join(home.dir, "state"));
    expect(after).toHaveLength(3);
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    await orderFirst(terminal);
  });
});
