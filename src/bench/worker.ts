import { createInterface } from "node:readline";
import { TpcError } from "../core/errors.ts";
import { fitGarbageCollector } from "../drivers/garbage.ts";
import { openCluster } from "./cluster-target.ts";
import { serveFloor } from "./floor/floor-process.ts";
import { openFloor } from "./floor/floor-target.ts";
import type { FloorJob, LoadCommand, LoadJob, WorkerLine } from "./job.ts";
import { makeLoad } from "./load-process.ts";

/** What a process of a benchmark does. */
export const WORKER_ROLES = ["load", "floor-load", "floor-node"] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

/**
 * Works as one process of a benchmark: its job is the first line of standard input, commands are the later ones, and it ends
 * when there will be no more. What goes wrong is said as a line, for the parent to tell.
 */
export async function work(role: WorkerRole): Promise<void> {
  // As every node does: what the floor and the load would win or lose by another garbage collector, no protocol costs.
  fitGarbageCollector();
  // A Ctrl-C reaches the whole group; the parent ends its processes itself.
  process.on("SIGINT", () => {});
  const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const say = (line: WorkerLine) => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const fail = (error: unknown) => {
    const { code, message } =
      error instanceof TpcError ? error : new TpcError("TPC_NODE_FAILED", String(error));
    process.stdout.write(`${JSON.stringify({ type: "failed", code, message })}\n`, () => process.exit(1));
  };
  const next = async <Value>(): Promise<Value | null> => {
    const line = await input.next();
    return line.done ? null : JSON.parse(line.value);
  };
  try {
    if (role === "floor-node") {
      const job = await next<FloorJob>();
      if (job !== null) await serveFloor(job, say, fail);
      while ((await next<unknown>()) !== null);
    } else {
      const job = await next<LoadJob>();
      const open = role === "load" ? openCluster : openFloor;
      if (job !== null)
        await makeLoad(job.shape, (observer) => open(job, observer), {
          next: () => next<LoadCommand>(),
          say,
        });
    }
    process.stdout.write("", () => process.exit(0));
  } catch (error) {
    fail(error);
  }
}
