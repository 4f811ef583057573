import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { NodeKind } from "../../src/schema/views.ts";
import { cpuMsOf, peakMiBOf } from "../console-bench/process.ts";

/** A node whose directory is there. */
export interface StartedNode {
  readonly name: string;
  readonly kind: NodeKind;
  readonly dir: string;
}

/** What a start took until the node said that it is ready. */
export interface StartCost {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

export const PROGRAM = join(import.meta.dirname, "../../bin/2pc-console.js");
/** Nobody listens there. */
const NO_COORDINATOR = "ws://127.0.0.1:1";

/** Starts the program on the node's directory, and kills it when it is ready. */
export async function measureStart({ name, kind, dir }: StartedNode): Promise<StartCost> {
  const role = kind === "coordinator" ? ["coordinator"] : ["participant", kind];
  const dials = kind === "coordinator" ? [] : ["--coordinator", NO_COORDINATOR];
  const startedMs = performance.now();
  const args = [PROGRAM, ...role, "--name", name, "--data", dir, "--listen", "127.0.0.1:0", ...dials];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const exited = once(child, "exit");
  try {
    // A supervisor would not wait for as long as a busy machine may take.
    await Promise.race([once(child.stdout, "data"), exited]);
    const { pid, exitCode } = child;
    if (pid === undefined || exitCode !== null) throw new Error(`${name} ended with ${exitCode}`);
    const readyMs = performance.now() - startedMs;
    return { readyMs, cpuMs: cpuMsOf(pid), peakMiB: peakMiBOf(pid) };
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}
