import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Home, makeHome, OLD_NODE, survivors } from "./program.ts";
import {
  closeTerminals,
  LEAVE_ALTERNATE_SCREEN,
  openTerminal,
  type Terminal,
  upAndRunning,
} from "./terminal.ts";

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(async () => {
  closeTerminals();
  await home.remove();
});

function open(args: readonly string[], nodeArgs: readonly string[] = []): Terminal {
  return openTerminal(home, args, nodeArgs);
}

describe("the console", () => {
  it("shows a local cluster, and ends it when the user quits", async () => {
    const terminal = open(["--data", "state"]);
    const pids = await upAndRunning(terminal, join(home.dir, "state"));
    terminal.pty.write("\u0003");
    terminal.pty.write("\u0003");
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
    expect(terminal.output()).toContain(LEAVE_ALTERNATE_SCREEN);
    expect(await survivors(pids)).toEqual([]);
    expect(await readdir(join(home.dir, "state"))).not.toContain("cluster.json");
  });

  it("restores the terminal and ends its nodes after SIGTERM", async () => {
    const terminal = open(["--fresh"]);
    await expect.poll(() => readdir(home.dir), { timeout: 10_000 }).toHaveLength(1);
    const [name = ""] = await readdir(home.dir);
    const pids = await upAndRunning(terminal, join(home.dir, name));
    terminal.pty.kill("SIGTERM");
    expect(await terminal.ended).toMatchObject({ exitCode: 143 });
    expect(terminal.output()).toContain(LEAVE_ALTERNATE_SCREEN);
    expect(await survivors(pids)).toEqual([]);
    expect(await readdir(home.dir)).toEqual([]);
  });

  it("leaves no node behind when it is killed", async () => {
    const terminal = open(["--data", "state"]);
    const pids = await upAndRunning(terminal, join(home.dir, "state"));
    terminal.pty.kill("SIGKILL");
    await terminal.ended;
    await expect.poll(() => survivors(pids), { timeout: 6_000 }).toEqual([]);
  });

  it("restores the terminal and leaves no node behind when its launcher is killed", async () => {
    const terminal = open(["--data", "state"], OLD_NODE);
    const pids = await upAndRunning(terminal, join(home.dir, "state"));
    terminal.pty.kill("SIGKILL");
    await expect.poll(() => survivors(pids), { timeout: 6_000 }).toEqual([]);
    await expect.poll(terminal.output, { timeout: 6_000 }).toContain(LEAVE_ALTERNATE_SCREEN);
  });

  it("gives the terminal back through its launcher when it is killed itself", async () => {
    const terminal = open(["--data", "state"], OLD_NODE);
    await upAndRunning(terminal, join(home.dir, "state"));
    const { pid } = JSON.parse(await readFile(join(home.dir, "state", "cluster.json"), "utf8"));
    process.kill(pid, "SIGKILL");
    await terminal.ended;
    expect(terminal.output()).toContain(LEAVE_ALTERNATE_SCREEN);
  });

  it("offers to attach where another console has the state, and leaves that one running", async () => {
    const first = open(["--data", "state"]);
    const pids = await upAndRunning(first, join(home.dir, "state"));
    const second = open(["--data", "state"]);
    await expect
      .poll(second.output, { timeout: 10_000 })
      .toContain("Attach to its cluster at ws://127.0.0.1:");
    second.pty.write("y\r");
    await expect.poll(second.output, { timeout: 10_000 }).toContain("warehouse");
    second.pty.write("\u0003");
    second.pty.write("\u0003");
    expect(await second.ended).toMatchObject({ exitCode: 0 });
    expect(await survivors(pids)).toEqual(pids);
    const third = open(["--data", "state"]);
    await expect.poll(third.output, { timeout: 10_000 }).toContain("[Y/n]");
    third.pty.write("n\r");
    expect(await third.ended).toMatchObject({ exitCode: 0 });
    first.pty.write("\u0003");
    first.pty.write("\u0003");
    expect(await first.ended).toMatchObject({ exitCode: 0 });
  });
});
