import { join } from "node:path";
import { TpcError } from "../core/errors.ts";
import type { ProcessView } from "../observe/ports.ts";
import type { NodeName } from "../schema/ids.ts";
import type { NodeKind } from "../schema/views.ts";
import { type Exit, type NodeProcess, startNodeProcess } from "./node-process.ts";
import { type StandingStill, standStill } from "./standing-still.ts";

/** How long a node may take to drain after SIGTERM before it is killed. */
const DRAIN_MS = 3_000;

/** One node of a cluster: what to start and where. */
export interface NodeSpec {
  readonly name: NodeName;
  readonly kind: NodeKind;
  /** Starting stock or accounts; the built-in sample where absent. */
  readonly seedFile?: string;
}

/** One supervised node over all its runs. */
export interface SupervisedNode {
  readonly spec: NodeSpec;
  view(): ProcessView;
  /** Resolves when the node is ready; rejects with TPC_NODE_FAILED. A start under way is joined. `extra` are more arguments. */
  start(extra?: readonly string[]): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP. Does nothing where it is not up. */
  pause(): void;
  /** SIGCONT. Does nothing where it is not paused. */
  resume(): void;
  /** SIGTERM, after three seconds SIGKILL; resolves when it is gone. */
  stop(): Promise<void>;
  /** The same for what will be started anew, and is not down until then. */
  stopForReset(): Promise<void>;
  /** It is not started anew after all. */
  giveUpReset(): void;
}

export interface Supervision {
  readonly dir: string;
  readonly execPath: string;
  /** The arguments that start `spec` listening at `listen` (HOST:PORT). */
  argsFor(spec: NodeSpec, listen: string): readonly string[];
  onChange(view: ProcessView): void;
}

/** Supervises one node. Its first start picks a free port; later ones keep it. */
export function superviseNode(spec: NodeSpec, supervision: Supervision): SupervisedNode {
  const logPath = join(supervision.dir, "logs", `${spec.name}.log`);
  let running: NodeProcess | null = null;
  let still: StandingStill | null = null;
  let starting: Promise<void> | null = null;
  let listen = "127.0.0.1:0";
  let starts = 0;
  let view = notYetStarted(spec, logPath);
  const change = (changes: Partial<ProcessView>): void => {
    const isNews = changes.state !== undefined && changes.state !== view.state;
    view = { ...view, ...changes, ...(isNews ? { sinceMs: Date.now() } : {}) };
    supervision.onChange(view);
  };

  async function ended(process: NodeProcess, exit: Exit): Promise<void> {
    if (running === process) running = null;
    still?.ended();
    still = null;
    const state = view.state === "starting" ? "failed" : view.isReset ? "starting" : "down";
    change({ state, pid: null, exit });
    const logTail = await process.logTail();
    if (running === null) change({ logTail });
  }

  async function run(extra: readonly string[]): Promise<void> {
    change({ state: "starting", restarts: starts, isReset: false, logTail: [] });
    starts += 1;
    let process: NodeProcess | null = null;
    try {
      const args = [...supervision.argsFor(spec, listen), ...extra];
      const started = await startNodeProcess({
        name: spec.name,
        execPath: supervision.execPath,
        args,
        logPath,
      });
      process = started;
      running = started;
      change({ pid: started.pid });
      void started.exited.then((exit) => ended(started, exit));
      const url = await started.ready;
      listen = new URL(url).host;
      change({ state: "up", url });
    } catch (error) {
      change({ state: "failed", logTail: (await process?.logTail()) ?? [] });
      throw startError(spec, error);
    }
  }

  async function end(first: NodeJS.Signals): Promise<void> {
    const process = running;
    if (process === null) return;
    const timer = setTimeout(() => process.signal("SIGKILL"), DRAIN_MS);
    process.signal(first);
    // What stands still hears nothing else.
    resume();
    await process.exited;
    clearTimeout(timer);
  }

  function resume(): void {
    if (still === null) return;
    still.resume();
    still = null;
    change({ state: "up" });
  }

  return {
    spec,
    view: () => view,
    start(extra = []) {
      starting ??= run(extra).finally(() => {
        starting = null;
      });
      return starting;
    },
    pause() {
      const process = running;
      if (process === null || view.state !== "up") return;
      still = standStill(process.pid, process.signal);
      change({ state: "paused" });
    },
    resume,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    async stopForReset() {
      change({ isReset: true });
      if (running === null) change({ state: "starting" });
      await end("SIGTERM");
    },
    giveUpReset() {
      if (view.isReset) change({ state: "down", isReset: false });
    },
  };
}

function notYetStarted({ name, kind }: NodeSpec, logPath: string): ProcessView {
  const never = { pid: null, url: null, exit: null, restarts: 0, logPath, logTail: [] };
  return { name, kind, state: "starting", sinceMs: Date.now(), ...never };
}

function startError({ name }: NodeSpec, error: unknown): TpcError {
  if (error instanceof TpcError) return error;
  return new TpcError("TPC_NODE_FAILED", `${name} could not be started`, { cause: error });
}
