import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Home, LAUNCHER, makeHome, nodePids, OLD_NODE, survivors } from "./program.ts";

const LEAVE_ALTERNATE_SCREEN = "\u001b[?1049l";

interface Terminal {
  readonly pty: IPty;
  readonly ended: Promise<{ exitCode: number; signal?: number | undefined }>;
  output(): string;
}

let home: Home;
const terminals: IPty[] = [];
beforeEach(async () => {
  home = await makeHome();
});
afterEach(async () => {
  for (const pty of terminals.splice(0)) pty.kill("SIGKILL");
  await home.remove();
});

/** The console on a pseudo-terminal, as somebody at a keyboard has it. */
function open(args: readonly string[], nodeArgs: readonly string[] = []): Terminal {
  const env: Record<string, string | undefined> = {
    ...process.env,
    XDG_STATE_HOME: home.dir,
    TMPDIR: home.dir,
  };
  delete env.CI;
  const pty = spawn(process.execPath, [...nodeArgs, LAUNCHER, ...args], {
    cols: 100,
    rows: 30,
    cwd: home.dir,
    env,
  });
  terminals.push(pty);
  let output = "";
  pty.onData((chunk) => {
    output += chunk;
  });
  const ended = new Promise<{ exitCode: number; signal?: number | undefined }>((resolve) => {
    pty.onExit((exit) => {
      terminals.splice(terminals.indexOf(pty), 1);
      resolve(exit);
    });
  });
  return { pty, ended, output: () => output };
}

/** Waits until the console shows its three nodes and these run. */
async function upAndRunning(terminal: Terminal, dir: string): Promise<readonly number[]> {
  await expect.poll(() => nodePids(dir), { timeout: 10_000 }).toHaveLength(3);
  await expect.poll(terminal.output, { timeout: 10_000 }).toContain("warehouse");
  const pids = await nodePids(dir);
  expect(await survivors(pids)).toEqual(pids);
  return pids;
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
