import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { isErrorCode } from "../client/waiting.ts";
import { TpcError } from "../core/errors.ts";
import type { FloorJob, LoadCommand, LoadJob, WorkerLine } from "./job.ts";
import type { WorkerRole } from "./worker.ts";

/** A process of a benchmark, from outside. */
export interface WorkerProcess {
  /** Resolves with its next line that is no progress; rejects with what it failed with, or TPC_NODE_FAILED. */
  next(): Promise<WorkerLine>;
  tell(command: LoadCommand): void;
  /** Called with the number of transactions that the present run has done. */
  onProgress(listener: (done: number) => void): void;
  /** Ends it; resolves when it is gone. */
  end(): Promise<void>;
}

/** Starts the program again as a process of a benchmark. It ends with this one, since its standard input closes. */
export function startWorker(entry: string, role: WorkerRole, job: LoadJob | FloorJob): WorkerProcess {
  const child = spawn(process.execPath, [entry, "bench-process", role], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let hear: (done: number) => void = () => {};
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(job)}\n`);
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  return {
    async next() {
      for (;;) {
        const { done, value } = await lines.next();
        if (done) throw await ended(child, role, gone);
        const line: WorkerLine = JSON.parse(value);
        if (line.type === "failed") {
          throw new TpcError(isErrorCode(line.code) ? line.code : "TPC_NODE_FAILED", line.message);
        }
        if (line.type !== "progress") return line;
        hear(line.done);
      }
    },
    tell: (command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
    onProgress(listener) {
      hear = listener;
    },
    async end() {
      child.stdin.end();
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function ended(child: ChildProcess, role: WorkerRole, gone: Promise<void>): Promise<TpcError> {
  await gone;
  const how = child.signalCode ?? `exit status ${child.exitCode}`;
  return new TpcError("TPC_NODE_FAILED", `the ${role} process of the benchmark ended with ${how}`);
}
