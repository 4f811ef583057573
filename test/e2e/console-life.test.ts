import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Home, LAUNCHER, makeHome, survivors } from "./program.ts";
import {
  closeTerminals,
  LEAVE_ALTERNATE_SCREEN,
  openCommand,
  openTerminal,
  type Terminal,
  upAndRunning,
} from "./terminal.ts";

// Goal: whatever happens to the console, the terminal is given back, the reason stands on it, and nothing is left behind.

let home: Home;
beforeEach(async () => {
  home = await makeHome();
});
afterEach(async () => {
  closeTerminals();
  await home.remove();
});

const STATE = ["--data", "state"] as const;

/** Code that runs in the console's own process. */
function within(code: string): readonly string[] {
  return ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
}

function afterTheScreen({ output }: Terminal): string {
  return output().split(LEAVE_ALTERNATE_SCREEN).at(-1) ?? "";
}

function quitAtOnce({ pty }: Terminal): void {
  pty.write("\u0003");
  pty.write("\u0003");
}

describe("the console's life as a process", { timeout: 30_000 }, () => {
  it("ends in order by a signal that only ends, and takes none for a wish to debug it", async () => {
    const terminal = openTerminal(home, STATE);
    const pids = await upAndRunning(terminal, join(home.dir, "state"));
    terminal.pty.kill("SIGUSR1");
    terminal.pty.write("?");
    await expect.poll(terminal.output, { timeout: 5_000 }).toContain("type to narrow");
    expect(terminal.output()).not.toContain("Debugger");
    terminal.pty.kill("SIGUSR2");
    expect(await terminal.ended).toMatchObject({ exitCode: 140 });
    expect(afterTheScreen(terminal)).not.toContain("TPC_");
    expect(await survivors(pids)).toEqual([]);
  });

  it("leaves nothing behind when its terminal closes", async () => {
    const terminal = openTerminal(home, STATE);
    const pids = await upAndRunning(terminal, join(home.dir, "state"));
    terminal.pty.kill("SIGHUP");
    expect(await terminal.ended).toMatchObject({ exitCode: 129 });
    await expect.poll(() => survivors(pids), { timeout: 6_000 }).toEqual([]);
    expect(await readdir(join(home.dir, "state"))).not.toContain("cluster.json");
  });

  it("gives the terminal back and says why when something throws", async () => {
    const boom = within('process.on("SIGUSR1", () => { throw new Error("boom in a timer"); })');
    const terminal = openTerminal(home, STATE, boom);
    const pids = await upAndRunning(terminal, join(home.dir, "state"));
    terminal.pty.kill("SIGUSR1");
    expect(await terminal.ended).toMatchObject({ exitCode: 70 });
    expect(afterTheScreen(terminal)).toContain("boom in a timer");
    await expect.poll(() => survivors(pids), { timeout: 6_000 }).toEqual([]);
  });

  it("gives the terminal back and says why when it cannot draw", async () => {
    const draw = 'String.prototype.repeat = () => { throw new Error("boom in a row"); }';
    const boom = within(`process.on("SIGUSR1", () => { ${draw}; })`);
    const terminal = openTerminal(home, STATE, boom);
    const pids = await upAndRunning(terminal, join(home.dir, "state"));
    terminal.pty.kill("SIGUSR1");
    terminal.pty.write("2");
    expect(await terminal.ended).toMatchObject({ exitCode: 70 });
    expect(afterTheScreen(terminal)).toContain("boom in a row");
    await expect.poll(() => survivors(pids), { timeout: 6_000 }).toEqual([]);
  });

  it("stops for the shell and comes back, with the cluster running on", async () => {
    const shell = openCommand(home, "/bin/bash", ["--norc", "--noprofile", "-i"]);
    shell.pty.write(`PS1='PROMPT> '; '${process.execPath}' '${LAUNCHER}' --data state\r`);
    const pids = await upAndRunning(shell, join(home.dir, "state"));
    const before = shell.output().length;
    shell.pty.write("\u001a");
    await expect.poll(() => shell.output().slice(before), { timeout: 5_000 }).toContain("Stopped");
    expect(shell.output().slice(before)).toContain(LEAVE_ALTERNATE_SCREEN);
    expect(await survivors(pids)).toEqual(pids);
    const stopped = shell.output().length;
    shell.pty.write("fg\r");
    await expect.poll(() => shell.output().slice(stopped), { timeout: 5_000 }).toContain("warehouse");
    // Stopped from outside it could not make room for the shell: it draws over what that has written.
    const [pid = 0] = pids;
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const consolePid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    const again = shell.output().length;
    process.kill(consolePid, "SIGSTOP");
    await expect.poll(() => shell.output().slice(again), { timeout: 5_000 }).toContain("Stopped");
    const asked = shell.output().length;
    shell.pty.write("fg\r");
    await expect.poll(() => shell.output().slice(asked), { timeout: 5_000 }).toContain("warehouse");
    quitAtOnce(shell);
    await expect.poll(() => survivors(pids), { timeout: 6_000 }).toEqual([]);
    shell.pty.write("exit\r");
  });

  it("stays where no shell started it: nobody could let it go on", async () => {
    const terminal = openTerminal(home, STATE);
    await upAndRunning(terminal, join(home.dir, "state"));
    terminal.pty.write("\u001a");
    await expect.poll(terminal.output, { timeout: 5_000 }).toContain("there is no shell to go to");
    terminal.pty.write("?");
    await expect.poll(terminal.output, { timeout: 5_000 }).toContain("type to narrow");
  });

  it("shows a node that does not start, with its reason and what to do", async () => {
    await mkdir(join(home.dir, "state", "logs"), { recursive: true });
    await mkdir(join(home.dir, "state", "ledger"), { recursive: true });
    await writeFile(join(home.dir, "state", "ledger", "diary.txt"), "mine");
    const terminal = openTerminal(home, STATE);
    await expect.poll(terminal.output, { timeout: 10_000 }).toContain("failed to start");
    await expect.poll(terminal.output).toContain("TPC_DATA_DIR");
    await expect.poll(terminal.output).toContain("diary.txt");
    quitAtOnce(terminal);
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  });

  it("leaves no process behind that stood still when it was killed", async () => {
    const terminal = openTerminal(home, STATE);
    const pids = await upAndRunning(terminal, join(home.dir, "state"));
    await expect.poll(terminal.output, { timeout: 10_000 }).toContain("LIVE");
    terminal.pty.write("f");
    await expect.poll(terminal.output).toContain("pause a process");
    terminal.pty.write("jjj\r");
    await expect.poll(terminal.output).toContain("Pause or resume");
    terminal.pty.write("j\r");
    await expect.poll(terminal.output).toContain("PAUSED");
    terminal.pty.kill("SIGKILL");
    await expect.poll(() => survivors(pids), { timeout: 8_000 }).toEqual([]);
  });
});

describe("resetting the kept state", { timeout: 30_000 }, () => {
  it("says what it deletes, asks twice, and starts anew", async () => {
    const first = openTerminal(home, STATE);
    await upAndRunning(first, join(home.dir, "state"));
    quitAtOnce(first);
    await first.ended;
    const token = await readFile(join(home.dir, "state", "token"), "utf8");
    const identity = join(home.dir, "state", "warehouse", "identity.json");
    const before = await readFile(identity, "utf8");

    const reluctant = openTerminal(home, ["--reset", ...STATE]);
    await expect.poll(reluctant.output, { timeout: 10_000 }).toContain("Delete them? [y/N]");
    expect(reluctant.output()).toContain(join("state", "warehouse"));
    reluctant.pty.write("y\r");
    await expect.poll(reluctant.output, { timeout: 10_000 }).toContain('Type "delete"');
    reluctant.pty.write("yes\r");
    expect(await reluctant.ended).toMatchObject({ exitCode: 0 });
    expect(reluctant.output()).toContain("nothing is deleted");
    expect(await readFile(identity, "utf8")).toBe(before);

    const sure = openTerminal(home, ["--reset", ...STATE]);
    await expect.poll(sure.output, { timeout: 10_000 }).toContain("Delete them? [y/N]");
    sure.pty.write("y\r");
    await expect.poll(sure.output, { timeout: 10_000 }).toContain('Type "delete"');
    sure.pty.write("delete\r");
    await upAndRunning(sure, join(home.dir, "state"));
    // The screen is there before its nodes have made their directories.
    const now = () => readFile(identity, "utf8").catch(() => before);
    await expect.poll(now, { timeout: 10_000 }).not.toBe(before);
    expect(await readFile(join(home.dir, "state", "token"), "utf8")).toBe(token);
    quitAtOnce(sure);
    await sure.ended;
  });

  it("is refused while a console has the state, and with Ctrl-C deletes nothing", async () => {
    const first = openTerminal(home, STATE);
    const pids = await upAndRunning(first, join(home.dir, "state"));
    const second = openTerminal(home, ["--reset", ...STATE]);
    expect(await second.ended).toMatchObject({ exitCode: 75 });
    expect(second.output()).toContain("nothing is deleted");
    expect(await survivors(pids)).toEqual(pids);
    quitAtOnce(first);
    await first.ended;
    const third = openTerminal(home, ["--reset", ...STATE]);
    await expect.poll(third.output, { timeout: 10_000 }).toContain("Delete them? [y/N]");
    third.pty.write("\u0003");
    expect(await third.ended).toMatchObject({ exitCode: 0 });
    expect(await readdir(join(home.dir, "state"))).toContain("warehouse");
  });
});
