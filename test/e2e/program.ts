import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const LAUNCHER = fileURLToPath(new URL("../../bin/2pc-console.js", import.meta.url));

/** Arguments that make the launcher take this Node for an older one; the Node it hands over to is not affected. */
export const OLD_NODE = [
  "--import",
  `data:text/javascript,if(!process.env.TPC_LAUNCHER_FD)Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})`,
];

/** What a finished command left. */
export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first line of standard output that passes. */
  line(passes: (line: string) => boolean): Promise<string>;
}

export interface StartOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
  readonly launcher?: string;
  /** A command that runs the program, with its first arguments. */
  readonly within?: readonly string[];
}

/** A home of its own for every test: state, token and files, removed with everything that still runs in it. */
export interface Home {
  readonly dir: string;
  start(args: readonly string[], options?: StartOptions): Started;
  run(args: readonly string[], options?: StartOptions): Promise<Ended>;
  /** Starts a node and resolves with its ready line. */
  node(
    args: readonly string[],
    options?: StartOptions,
  ): Promise<Started & { readonly url: string; readonly pid: number }>;
  remove(): Promise<void>;
}

export async function makeHome(): Promise<Home> {
  const dir = await mkdtemp(join(tmpdir(), "tpc-e2e-"));
  const started: ChildProcess[] = [];

  function start(args: readonly string[], options: StartOptions = {}): Started {
    const launcher = options.launcher ?? LAUNCHER;
    const [command = process.execPath, ...before] = [...(options.within ?? []), process.execPath];
    const child = spawn(command, [...before, ...(options.nodeArgs ?? []), launcher, ...args], {
      cwd: dir,
      env: { ...process.env, XDG_STATE_HOME: dir, TMPDIR: dir, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    started.push(child);
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
    return watch(child);
  }

  return {
    dir,
    start,
    run: (args, options) => start(args, options).ended,
    async node(args, options) {
      const process = start(args, options);
      const ready = JSON.parse(await process.line((line) => line.startsWith("{")));
      return { ...process, url: ready.url, pid: ready.pid };
    },
    async remove() {
      for (const child of started) child.kill("SIGKILL");
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

function watch(child: ChildProcess): Started {
  let stdout = "";
  let stderr = "";
  const looking = new Set<() => void>();
  const look = (): void => {
    for (const check of [...looking]) check();
  };
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk.toString("utf8");
    look();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return {
    child,
    ended,
    line: (passes) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = stdout.split("\n").slice(0, -1).find(passes);
          if (found === undefined) return;
          looking.delete(check);
          resolve(found);
        };
        looking.add(check);
        ended.then(({ status }) => reject(new Error(`ended with ${status} before: ${stdout}${stderr}`)));
        check();
      }),
  };
}

/** True while a process exists and is more than a zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") R");
    return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  } catch {
    return false;
  }
}

/** The pids that a cluster's nodes wrote into their directories; empty until each of them has. */
export async function nodePids(dir: string): Promise<readonly number[]> {
  const owners = await Promise.all(
    ["coordinator", "warehouse", "ledger"].map((name) =>
      readFile(join(dir, name, "owner.json"), "utf8").catch(() => null),
    ),
  );
  if (owners.some((owner) => owner === null || owner === "")) return [];
  return owners.map((owner) => JSON.parse(owner ?? "{}").pid);
}

/** The pids that still run. */
export async function survivors(pids: readonly number[]): Promise<readonly number[]> {
  const running = await Promise.all(pids.map(isRunning));
  return pids.filter((_, index) => running[index]);
}
