import { type IPty, spawn } from "@lydell/node-pty";
import { expect } from "vitest";
import { type Home, LAUNCHER, nodePids, survivors } from "./program.ts";

export const LEAVE_ALTERNATE_SCREEN = "\u001b[?1049l";

export interface Terminal {
  readonly pty: IPty;
  readonly ended: Promise<{ exitCode: number; signal?: number | undefined }>;
  output(): string;
}

const terminals: IPty[] = [];

/** The program on a pseudo-terminal, as somebody at a keyboard has it. */
export function openTerminal(
  home: Home,
  args: readonly string[],
  nodeArgs: readonly string[] = [],
): Terminal {
  return openCommand(home, process.execPath, [...nodeArgs, LAUNCHER, ...args]);
}

/** Any command on a pseudo-terminal of 100 by 30. */
export function openCommand(home: Home, command: string, args: readonly string[]): Terminal {
  const env: Record<string, string | undefined> = {
    ...process.env,
    XDG_STATE_HOME: home.dir,
    TMPDIR: home.dir,
  };
  delete env.CI;
  const pty = spawn(command, [...args], { cols: 100, rows: 30, cwd: home.dir, env });
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

/** Ends what a test has left open. */
export function closeTerminals(): void {
  for (const pty of terminals.splice(0)) pty.kill("SIGKILL");
}

/** Waits until the console shows its three nodes and these run. */
export async function upAndRunning(terminal: Terminal, dir: string): Promise<readonly number[]> {
  await expect.poll(() => nodePids(dir), { timeout: 10_000 }).toHaveLength(3);
  await expect.poll(terminal.output, { timeout: 10_000 }).toContain("warehouse");
  const pids = await nodePids(dir);
  expect(await survivors(pids)).toEqual(pids);
  return pids;
}
