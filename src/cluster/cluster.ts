import { rm } from "node:fs/promises";
import { join } from "node:path";
import { TpcError } from "../core/errors.ts";
import type { ClusterControl, ProcessView } from "../observe/ports.ts";
import type { NodeName } from "../schema/ids.ts";
import { type NodeSpec, type SupervisedNode, superviseNode } from "./supervised-node.ts";

export interface ClusterOptions {
  /** Holds one directory a node, `logs` and, unless `tokenFile` says otherwise, `token`. */
  readonly dir: string;
  readonly tokenFile: string;
  /** The program that every node runs: `bin/2pc-console.js`. */
  readonly entry: string;
  /** The Node binary; this process's own where absent. */
  readonly execPath?: string;
  readonly nodes: readonly NodeSpec[];
  readonly faultInjection: boolean;
}

/** A running local cluster. */
export interface Cluster extends ClusterControl {
  /** Resolves when every node is up; rejects with the first TPC_NODE_FAILED. */
  ready(): Promise<void>;
  /** The URLs known so far, the coordinator's first. */
  urls(): readonly string[];
  /** Calls `listener` with every process view that changes. Returns the cancel function. */
  onChange(listener: (view: ProcessView) => void): () => void;
  /** Ends all nodes: SIGTERM, after three seconds SIGKILL. Resolves when all are gone. */
  stop(): Promise<void>;
}

/**
 * Starts the coordinator, then, once its address is known, the participants side by side. Returns at once:
 * what becomes of the processes is told by `onChange`, and `ready` waits for all of them.
 */
export function startCluster(options: ClusterOptions): Cluster {
  const listeners = new Set<(view: ProcessView) => void>();
  let stopping = false;
  const nodes: readonly SupervisedNode[] = options.nodes.map((spec) =>
    superviseNode(spec, {
      dir: options.dir,
      execPath: options.execPath ?? process.execPath,
      argsFor: (which, listen) => nodeArgs(options, which, listen, coordinatorUrls(nodes)),
      onChange: (view) => {
        for (const listener of listeners) listener(view);
      },
    }),
  );
  const started = startInOrder(nodes, () => stopping);
  started.catch(() => {});

  function find(name: NodeName): SupervisedNode {
    const node = nodes.find((candidate) => candidate.spec.name === name);
    if (node === undefined) throw new TpcError("TPC_USAGE", `this cluster has no node named ${name}`);
    return node;
  }

  return {
    ready: () => started,
    processes: () => nodes.map((node) => node.view()),
    urls: () => nodes.flatMap((node) => node.view().url ?? []),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    kill: async (name) => find(name).kill(),
    async pause(name) {
      find(name).pause();
    },
    async resume(name) {
      find(name).resume();
    },
    async restart(name, held = false) {
      if (stopping)
        throw new TpcError("TPC_NODE_FAILED", `${name} is not restarted: the cluster is stopping`);
      const node = find(name);
      if (node.view().state === "up" || node.view().state === "paused") await node.stop();
      await node.start(held ? ["--start-held"] : []);
    },
    dir: options.dir,
    async reset(emptied) {
      if (stopping) throw new TpcError("TPC_NODE_FAILED", "nothing is reset: the cluster is stopping");
      await started.catch(() => {});
      await Promise.all(nodes.map((node) => node.stopForReset()));
      try {
        for (const { spec } of nodes)
          await rm(join(options.dir, spec.name), { recursive: true, force: true });
        emptied();
        await startInOrder(nodes, () => stopping);
      } finally {
        // What an error has kept from starting is down.
        for (const node of nodes) node.giveUpReset();
      }
    },
    startCommand(name) {
      const { spec, view } = find(name);
      const { url } = view();
      if (url === null) return null;
      const [, ...args] = nodeArgs(options, spec, new URL(url).host, coordinatorUrls(nodes));
      // Without the pipe to a supervisor it would end at once.
      return args.filter((word) => word !== "--supervised");
    },
    async stop() {
      stopping = true;
      await Promise.all(nodes.map((node) => node.stop()));
      await started.catch(() => {});
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function startInOrder(nodes: readonly SupervisedNode[], isStopping: () => boolean): Promise<void> {
  const isCoordinator = (node: SupervisedNode): boolean => node.spec.kind === "coordinator";
  await startAll(nodes.filter(isCoordinator));
  if (!isStopping()) await startAll(nodes.filter((node) => !isCoordinator(node)));
}

/** Waits for all, so that a failing one does not leave the others half started; then tells the first failure. */
async function startAll(nodes: readonly SupervisedNode[]): Promise<void> {
  const results = await Promise.allSettled(nodes.map((node) => node.start()));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

function coordinatorUrls(nodes: readonly SupervisedNode[]): readonly string[] {
  return nodes.flatMap((node) => (node.spec.kind === "coordinator" ? (node.view().url ?? []) : []));
}

function nodeArgs(
  options: ClusterOptions,
  spec: NodeSpec,
  listen: string,
  coordinators: readonly string[],
): readonly string[] {
  const command = spec.kind === "coordinator" ? ["coordinator"] : ["participant", spec.kind];
  const args = [options.entry, ...command, "--name", spec.name, "--listen", listen];
  args.push("--data", join(options.dir, spec.name), "--token-file", options.tokenFile, "--supervised");
  if (options.faultInjection) args.push("--fault-injection");
  if (spec.kind !== "coordinator") for (const url of coordinators) args.push("--coordinator", url);
  if (spec.seedFile !== undefined) {
    args.push(spec.kind === "ledger" ? "--accounts" : "--inventory", spec.seedFile);
  }
  return args;
}
