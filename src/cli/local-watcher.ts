import { type ClusterWatcher, watchCluster } from "../client/watcher.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { WatchUpdate } from "../observe/ports.ts";

/**
 * Watches a local cluster from before its first process is up: what becomes of the processes, and what the nodes
 * tell once the coordinator can be asked for them.
 */
export function watchLocal(cluster: Cluster, token: string): ClusterWatcher {
  const listeners = new Map<(update: WatchUpdate) => void, () => void>();
  let nodes: ClusterWatcher | null = null;
  let isClosed = false;

  const begin = (): void => {
    const [first] = cluster.urls();
    if (nodes !== null || isClosed || first === undefined) return;
    nodes = watchCluster({ urls: [first], token });
    for (const listener of listeners.keys()) listeners.set(listener, nodes.subscribe(listener));
  };
  const cancelProcesses = cluster.onChange((process) => {
    begin();
    for (const listener of listeners.keys()) listener({ type: "process", process });
  });
  begin();

  return {
    subscribe(listener) {
      for (const process of cluster.processes()) listener({ type: "process", process });
      listeners.set(listener, nodes?.subscribe(listener) ?? (() => {}));
      return () => {
        listeners.get(listener)?.();
        listeners.delete(listener);
      };
    },
    close() {
      isClosed = true;
      cancelProcesses();
      listeners.clear();
      nodes?.close();
    },
  };
}
