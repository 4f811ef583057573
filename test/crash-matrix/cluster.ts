import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/connect.ts";
import { createOperator } from "../../src/client/operator.ts";
import { type ClusterWatcher, watchCluster } from "../../src/client/watcher.ts";
import { createMonitor, hearUpdate } from "../../src/conform/monitor.ts";
import { violationLine } from "../../src/conform/words.ts";
import type { NodeName, TransactionId } from "../../src/schema/ids.ts";
import type { CutDirection } from "../../src/schema/injection.ts";
import type { Operation } from "../../src/schema/operations.ts";
import type { Fault, OutcomeMessage, Resolution } from "../../src/schema/session.ts";
import type { NodeView } from "../../src/schema/views.ts";
import { type Ended, type Home, makeHome, type Started, type StartOptions } from "../e2e/program.ts";
import { lookByCommands, type Shell } from "./by-commands.ts";
import { type Asked, broken, committedOf, findFaults } from "./verdict.ts";

export type Name = "coordinator" | "warehouse" | "ledger";
export const NAMES: readonly Name[] = ["coordinator", "warehouse", "ledger"];

/** How a node is started, beside what it always is started with. */
export interface Launch extends Pick<StartOptions, "nodeArgs" | "env"> {
  /** Where a participant is told to find the coordinator, HOST:PORT; where that listens if absent. */
  readonly via?: string;
}

/** Three real nodes, each of which can be started with a crash point, awaited dead, and started again. */
export interface TestCluster {
  start(name: Name, extra?: readonly string[], launch?: Launch): Promise<void>;
  /** Starts a node that may die before it is ready; resolves with its end, or with null when it is ready. */
  tryStart(name: Name, extra: readonly string[], launch?: Launch): Promise<Ended | null>;
  isAlive(name: Name): boolean;
  /** Resolves when a running node has ended. */
  end(name: Name): Promise<Ended>;
  /** Resolves with the signal that ended the node, or null when it still lives at the deadline. */
  death(name: Name, withinMs: number): Promise<string | null>;
  signal(name: Name, signal: NodeJS.Signals): Promise<void>;
  /** Stops the node's process where it stands, by SIGSTOP; it goes on when it is resumed. */
  pause(name: Name): void;
  resume(name: Name): void;
  /** Sends a signal that the process is to survive. */
  nudge(name: Name, signal: NodeJS.Signals): void;
  url(name: Name): string;
  /** Where a node's data directory is. */
  dir(name: Name): string;
  /** Sends the request until its outcome is known; counts it. */
  order(operations: readonly Operation[], timeoutMs?: number): Promise<OutcomeMessage>;
  arm(name: Name, fault: Fault, count: number): Promise<void>;
  /** Cuts a node's link to a peer silently, or one direction of it; null heals it. */
  cut(name: Name, peer: Name, direction: CutDirection | null): Promise<void>;
  resolve(name: Name, id: TransactionId, action: "commit" | "abort" | "forget"): Promise<Resolution>;
  /** The id of a transaction that is in doubt at the node. */
  inDoubt(name: Name): Promise<TransactionId>;
  /** What a node says about itself. */
  view(name: Name): Promise<NodeView>;
  /** Resolves when all nodes are up and none has anything unfinished or in doubt. */
  rest(): Promise<void>;
  /**
   * What is broken once the cluster has come to rest, found out by the public commands; empty when all holds. Where an
   * operator has broken atomicity, `isSound` is false.
   */
  faults(isSound: boolean): Promise<readonly string[]>;
  remove(): Promise<void>;
}

const DEADLINE_MS = 15_000;

/** Polls until `probe` gives something; throws what it was waiting for when that takes too long. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null> | T | null,
  withinMs = DEADLINE_MS,
): Promise<T> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== null) return found;
    if (performance.now() > endMs) throw new Error(`waited ${withinMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** Where a node runs: the address that it listens at, and the command that runs it. */
export interface Place {
  readonly host: string;
  readonly within: readonly string[];
}

/** `everywhere` is how every node is started, beside what it is started with by itself. */
export async function makeCluster(
  places: Partial<Record<Name, Place>> = {},
  everywhere: Pick<Launch, "nodeArgs" | "env"> = {},
): Promise<TestCluster> {
  const home: Home = await makeHome();
  const token = randomBytes(32).toString("base64url");
  await writeFile(`${home.dir}/token`, token, { mode: 0o600 });
  const running = new Map<Name, Started & { readonly pid: number }>();
  const ports = new Map<Name, string>();
  const urls = new Map<NodeName, string>();
  const starts = new Map<Name, number>();
  const asked: Asked[] = [];
  let operator: ReturnType<typeof createOperator> | null = null;
  let requests = 0;
  const monitor = createMonitor();
  const holes: string[] = [];
  let watcher: ClusterWatcher | null = null;

  /** From here on every step that is seen is held against the rules of the protocol. */
  const watch = (url: string): void => {
    watcher ??= watchCluster({ urls: [url], token });
    watcher.subscribe((update) => {
      const hole = hearUpdate(monitor, update);
      if (hole) holes.push(hole.problem);
    });
  };

  const argsFor = (name: Name, extra: readonly string[], { via }: Launch): string[] => [
    ...(name === "coordinator"
      ? ["coordinator"]
      : ["participant", name, "--coordinator", via ?? ports.get("coordinator") ?? ""]),
    "--listen",
    ports.get(name) ?? `${places[name]?.host ?? "127.0.0.1"}:0`,
    "--data",
    `${home.dir}/${name}`,
    "--token-file",
    `${home.dir}/token`,
    "--fault-injection",
    ...extra,
  ];

  const ask = async <T>(name: Name, use: (client: Client) => Promise<T>): Promise<T> => {
    const client = await connect(urls.get(name as unknown as NodeName) ?? "", {
      token,
      timeoutMs: 3_000,
    });
    try {
      return await use(client);
    } finally {
      client.close();
    }
  };

  const tryStart = async (
    name: Name,
    extra: readonly string[],
    launch: Launch = {},
  ): Promise<Ended | null> => {
    const nodeArgs = [...(everywhere.nodeArgs ?? []), ...(launch.nodeArgs ?? [])];
    const env = { ...everywhere.env, ...launch.env };
    const within = places[name]?.within ?? [];
    const process = home.start(argsFor(name, extra, launch), { within, nodeArgs, env });
    const line = await process.line((text) => text.startsWith("{")).catch(() => null);
    if (line === null) return process.ended;
    const { url, pid } = JSON.parse(line);
    running.set(name, { ...process, pid });
    ports.set(name, url.replace("ws://", ""));
    urls.set(name as unknown as NodeName, url);
    if (watcher === null) watch(url);
    starts.set(name, (starts.get(name) ?? 0) + 1);
    void process.ended.then(() => {
      if (running.get(name)?.child === process.child) running.delete(name);
    });
    return null;
  };

  const runningAs = (name: Name): Started & { readonly pid: number } => {
    const found = running.get(name);
    if (!found) throw new Error(`${name} is not running`);
    return found;
  };

  const rest = async (): Promise<void> => {
    await until("a cluster at rest", async () => {
      const views = await Promise.all(
        NAMES.map((name) => ask(name, (client) => client.nodeView()).catch(() => null)),
      );
      return views.every((view) => view !== null && view.unfinished === 0 && view.inDoubt === 0)
        ? true
        : null;
    });
  };

  return {
    rest,
    async start(name, extra = [], launch = {}) {
      const ended = await tryStart(name, extra, launch);
      if (ended !== null) throw new Error(`${name} ended with ${ended.status} at once: ${ended.stderr}`);
    },
    tryStart,
    end: (name) => runningAs(name).ended,
    isAlive: (name) => running.has(name),
    async death(name, withinMs) {
      const process = running.get(name);
      if (!process) return "SIGKILL";
      const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), withinMs));
      const ended = await Promise.race([process.ended, late]);
      return ended === null ? null : ended.signal;
    },
    async signal(name, signal) {
      const process = running.get(name);
      process?.child.kill(signal);
      await process?.ended;
    },
    pause: (name) => process.kill(runningAs(name).pid, "SIGSTOP"),
    resume: (name) => process.kill(runningAs(name).pid, "SIGCONT"),
    nudge: (name, signal) => process.kill(runningAs(name).pid, signal),
    dir: (name) => `${home.dir}/${name}`,
    url: (name) => urls.get(name as unknown as NodeName) ?? "",
    async order(operations, timeoutMs = 20_000) {
      operator ??= createOperator({ urls, coordinator: "coordinator" as NodeName, token });
      requests += 1;
      const requestId = `order-${requests}`;
      for (let tries = 1; ; tries += 1) {
        const outcome = await operator.submit({ requestId, operations, timeoutMs, isNew: tries === 1 });
        if (outcome.outcome === "unknown" && tries < 4) continue;
        asked.push({ requestId, operations, outcome });
        return outcome;
      }
    },
    arm: (name, fault, count) => ask(name, (client) => client.armFault(fault, count)),
    cut: (name, peer, direction) => ask(name, (client) => client.cutLink(peer as NodeName, direction)),
    resolve: (name, transactionId, action) =>
      ask(name, (client) =>
        client.resolve({
          transactionId,
          action,
          by: "matrix",
          reason: "test",
          acceptHazard: false,
          preview: false,
        }),
      ),
    inDoubt: (name) =>
      until(`a transaction in doubt at ${name}`, async () => {
        const views = await ask(name, (client) => client.transactions()).catch(() => []);
        const found = views.find((view) => view.role === "participant" && view.phase === "prepared");
        return found?.transactionId ?? null;
      }),
    view: (name) => ask(name, (client) => client.nodeView()),
    async faults(isSound) {
      const restless = await rest().then(
        () => [],
        (error: Error) => broken("I11", [error.message]),
      );
      const shell = { home, tokenFile: `${home.dir}/token`, places: placesOf(home, urls) };
      const again = isSound ? committedOf(asked) : [];
      const { violation, judged } = monitor.result();
      const forbidden = violation ? [violationLine(violation)] : judged === 0 ? ["no step was judged"] : [];
      return [
        ...restless,
        ...findFaults(await lookByCommands(shell, again), asked, starts, isSound),
        ...broken("I16", [...forbidden, ...holes]),
      ];
    },
    async remove() {
      operator?.close();
      watcher?.close();
      await home.remove();
    },
  };
}

function placesOf(home: Home, urls: ReadonlyMap<NodeName, string>): Shell["places"] {
  return Object.fromEntries([...urls].map(([name, url]) => [name, { url, dir: `${home.dir}/${name}` }]));
}
