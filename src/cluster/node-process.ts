import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { ERROR_CODES, TpcError } from "../core/errors.ts";
import { prepareLog, readLogTail } from "./log-tail.ts";

/** The file descriptor at which a supervised node holds the pipe to its supervisor. */
export const SUPERVISOR_FD = 3;
const READY_TIMEOUT_MS = 30_000;
const READY_LINE_CHARS_MAX = 4_096;

/** How a process ended: an exit status or a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A child process that has been started; it may not be ready yet. */
export interface NodeProcess {
  readonly pid: number;
  /** The URL the node announced. Rejects with TPC_NODE_FAILED when it ended before, or took too long. */
  readonly ready: Promise<string>;
  readonly exited: Promise<Exit>;
  /** The last lines that it has logged itself, oldest first. */
  logTail(): Promise<readonly string[]>;
  signal(name: NodeJS.Signals): void;
}

export interface NodeCommand {
  readonly name: string;
  readonly execPath: string;
  readonly args: readonly string[];
  readonly logPath: string;
}

/**
 * Starts one node in a process group of its own, with a pipe that closes when this process ends.
 * What it prints after its ready line goes to the log. Rejects with TPC_NODE_FAILED when it cannot be started at all.
 */
export async function startNodeProcess(command: NodeCommand): Promise<NodeProcess> {
  const before = await prepareLog(command.logPath);
  const logTail = () => readLogTail(command.logPath, before);
  const log = await open(command.logPath, "a");
  let child: ChildProcess;
  try {
    child = spawn(command.execPath, [...command.args], {
      stdio: ["ignore", "pipe", log.fd, "pipe"],
      detached: true,
    });
  } finally {
    await log.close();
  }
  const pid = child.pid;
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  if (pid === undefined) throw new TpcError("TPC_NODE_FAILED", `${command.name} could not be started`);
  child.stdio[SUPERVISOR_FD]?.on("error", () => {});
  const ready = announcedUrl(command, child, exited, logTail);
  ready.catch(() => {});
  return { pid, ready, exited, logTail, signal: (name) => void child.kill(name) };
}

async function announcedUrl(
  command: NodeCommand,
  child: ChildProcess,
  exited: Promise<Exit>,
  logTail: NodeProcess["logTail"],
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), READY_TIMEOUT_MS);
  });
  const first = await Promise.race([
    firstLine(child.stdout, createWriteStream(command.logPath, { flags: "a" })),
    exited,
    late,
  ]);
  clearTimeout(timer);
  if (typeof first !== "string") throw startFailure(command, first, await logTail());
  const url = first === "late" ? null : urlOf(first);
  if (url !== null) return url;
  child.kill("SIGKILL");
  const what = first === "late" ? `was not ready after ${READY_TIMEOUT_MS} ms` : "printed no ready line";
  throw new TpcError("TPC_NODE_FAILED", `${command.name} ${what}`);
}

/** Resolves with the first line; everything after it flows into `rest`. */
function firstLine(stdout: Readable | null, rest: WriteStream): Promise<string> {
  rest.on("error", () => {});
  return new Promise((resolve) => {
    let text = "";
    let found = false;
    stdout?.on("data", (chunk: Buffer) => {
      if (found) {
        rest.write(chunk);
        return;
      }
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end < 0 && text.length < READY_LINE_CHARS_MAX) return;
      found = true;
      if (end >= 0 && end + 1 < text.length) rest.write(text.slice(end + 1));
      resolve(end < 0 ? text : text.slice(0, end));
    });
    stdout?.on("close", () => rest.end());
  });
}

function urlOf(line: string): string | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("url" in value)) return null;
    return typeof value.url === "string" ? value.url : null;
  } catch {
    return null;
  }
}

function startFailure(command: NodeCommand, exit: Exit, tail: readonly string[]): TpcError {
  const last = tail.at(-1) ?? silentEnd(exit);
  return new TpcError(
    "TPC_NODE_FAILED",
    `${command.name} ended with ${exitText(exit)} before it was ready: ${last}`,
  );
}

/** A full disk takes the log with it; the exit status still says what happened. */
function silentEnd({ code }: Exit): string {
  const known = Object.entries(ERROR_CODES).find(([, { exitCode }]) => exitCode === code);
  return known === undefined ? "it printed nothing" : `${known[0]}: ${known[1].hint}`;
}

/** "exit status 71" or "SIGKILL". */
export function exitText(exit: Exit): string {
  if (exit.signal !== null) return exit.signal;
  return exit.code === null ? "no exit status" : `exit status ${exit.code}`;
}
