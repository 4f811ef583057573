import { type ConsoleOptions, runConsole } from "../../src/console/run-console.tsx";
import { TpcError } from "../../src/core/errors.ts";
import type { ClusterControl, Operator, ResolveRequest } from "../../src/observe/ports.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { OutcomeMessage, Resolution } from "../../src/schema/session.ts";
import { openScreen, type Screen } from "./screen.ts";
import { COORDINATOR, createStory, NO_STOCK, type Story, transactionId } from "./story.ts";

/** A console on an emulated terminal, and what it was made to do. */
export interface Running {
  readonly screen: Screen;
  readonly story: Story;
  readonly left: Promise<{ reason: "quit" | "signal" }>;
  readonly submitted: Parameters<Operator["submit"]>[0][];
  readonly armed: string[];
  readonly killed: NodeName[];
  readonly restarted: NodeName[];
  readonly resolved: ({ readonly node: NodeName } & ResolveRequest)[];
  /** Makes every restart fail with these words, until null. */
  refuseRestarts(why: string | null): void;
  /** Moves the clock by which confirmations are guarded. */
  pass(milliseconds: number): void;
}

const open: Running[] = [];

/** Shows the console on the story that is told; `closeConsoles` ends it. */
export function start(
  columns: number,
  rows: number,
  change: Partial<ConsoleOptions> = {},
  tell = begin,
): Running {
  const story = createStory();
  const screen = openScreen(columns, rows);
  let extraMs = 0;
  let refusal: string | null = null;
  const submitted: Running["submitted"] = [];
  const armed: string[] = [];
  const killed: NodeName[] = [];
  const restarted: NodeName[] = [];
  const resolved: Running["resolved"] = [];
  const operator: Operator = {
    async submit(request) {
      submitted.push(request);
      return outcome("committed");
    },
    async armFault(node, fault, count) {
      armed.push(`${node} ${fault} ${count}`);
    },
    async armCrash(node, point, count) {
      armed.push(`${node} crash at ${point} ${count}`);
    },
    async cutLink(node, peer, direction) {
      armed.push(`${node} link to ${peer} ${direction ?? "healed"}`);
    },
    async hold(node, hold) {
      armed.push(`${node} ${hold ? "holds" : "goes on"}`);
    },
    async releaseHeld(node, ids, drop) {
      armed.push(`${node} ${drop ? "drops" : "lets go"} ${ids.join(" ")}`);
    },
    async resolve(node, request) {
      if (!request.preview) resolved.push({ node, ...request });
      return resolution(node, request);
    },
  };
  const cluster: ClusterControl = {
    processes: story.processes,
    async kill(name) {
      killed.push(name);
      story.process(name, { state: "down", pid: null, exit: { code: null, signal: "SIGKILL" } });
    },
    async pause(name) {
      story.process(name, { state: "paused", sinceMs: story.nowMs() });
    },
    async resume(name) {
      story.process(name, { state: "up" });
    },
    async restart(name) {
      if (refusal !== null) throw new TpcError("TPC_NODE_FAILED", refusal);
      restarted.push(name);
      story.process(name, { state: "up", pid: 5000 });
    },
    dir: "/data",
    async reset(emptied) {
      for (const { name } of story.processes()) story.process(name, { state: "down", pid: null });
      emptied();
      story.begin();
    },
    startCommand: (name) => ["participant", name, "--data", `/data/${name}`],
  };
  tell(story);
  const left = runConsole({
    watcher: story.watcher,
    operator,
    cluster,
    clusterName: "demo",
    stdin: screen.stdin,
    stdout: screen.stdout,
    readOnly: false,
    userName: "ann",
    tokenFile: null,
    inTmux: false,
    colors: "256",
    theme: "dark",
    nowMs: () => story.nowMs() + extraMs,
    random: () => 0.5,
    ...change,
  });
  const pass = (milliseconds: number): void => {
    extraMs += milliseconds;
  };
  const refuseRestarts = (why: string | null): void => {
    refusal = why;
  };
  const done = { submitted, armed, killed, restarted, resolved };
  const running = { screen, story, left, ...done, refuseRestarts, pass };
  open.push(running);
  return running;
}

/** What nodes say whose coordinator is away. */
function resolution(node: NodeName, { transactionId: id, action, acceptHazard }: ResolveRequest): Resolution {
  const base = { transactionId: id, node, mayBreakAtomicity: true };
  if (node === COORDINATOR) return { ...base, accepted: false, text: "cannot be asked: it is down" };
  if (action === "forget" && !acceptHazard) return { ...base, accepted: false, text: "it is undecided" };
  return { ...base, accepted: action !== "forget", text: `${action} here; coordinator is away` };
}

function begin(story: Story): void {
  story.begin();
}

function outcome(word: OutcomeMessage["outcome"]): OutcomeMessage {
  return {
    type: "outcome",
    requestId: "console-1" as OutcomeMessage["requestId"],
    transactionId: transactionId(7),
    outcome: word,
    attempts: 1,
    reason: word === "aborted" ? NO_STOCK : null,
    votes: {},
    results: [],
    durationMs: 31,
  };
}

/** Leaves all that a test has started. */
export async function closeConsoles(): Promise<void> {
  for (const { screen, left } of open.splice(0)) {
    screen.type("\u0003\u0003");
    await left.catch(() => undefined);
  }
}
