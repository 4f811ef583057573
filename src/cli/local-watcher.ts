import type { ClusterWatcher } from "../client/watcher.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { WatchUpdate } from "../observe/ports.ts";

/**
 * Watches a local cluster from before its first process is up: what becomes of the processes, and what the nodes
 * tell once the coordinator can be asked for them: under load, with `sampling`, a share of it. What speaks to nodes is loaded only then, so that a console's first
 * frame need not wait for it.
 */
export function watchLocal(cluster: Cluster, token: string, sampling = false): ClusterWatcher {
  const listeners = new Map<(update: WatchUpdate) => void, () => void>();
  let nodes: ClusterWatcher | null = null;
  let isBegun = false;
  let isClosed = false;

  const begin = async (): Promise<void> => {
    const [first] = cluster.urls();
    if (isBegun || isClosed || first === undefined) return;
    isBegun = true;
    const { watchCluster } = await import("../client/watcher.ts");
    if (isClosed) return;
    nodes = watchCluster({ urls: [first], token, sampling });
    for (const listener of listeners.keys()) listeners.set(listener, nodes.subscribe(listener));
  };
  const cancelProcesses = cluster.onChange((process) => {
    void begin();
    for (const listener of listeners.keys()) listener({ type: "process", process });
    // Who has started it knows that it is back before the next attempt to reach it would tell.
    if (process.state === "up" && process.url !== null) nodes?.expect(process.url, process.name);
  });
  void begin();

  return {
    subscribe(listener) {
      for (const process of cluster.processes()) listener({ type: "process", process });
      listeners.set(listener, nodes?.subscribe(listener) ?? (() => {}));
      return () => {
        listeners.get(listener)?.();
        listeners.delete(listener);
      };
    },
    expect: (url, name) => nodes?.expect(url, name),
    close() {
      isClosed = true;
      cancelProcesses();
      listeners.clear();
      nodes?.close();
    },
  };
}
