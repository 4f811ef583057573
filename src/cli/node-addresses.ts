import type { Cluster } from "../cluster/cluster.ts";
import type { Watcher } from "../observe/ports.ts";
import type { NodeName } from "../schema/ids.ts";
import type { NodeView } from "../schema/views.ts";

/** Where nodes listen, by name; corrected as long as the process runs. */
export type NodeAddresses = ReadonlyMap<NodeName, string>;

/** The addresses of supervised processes, as they announce them. */
export function addressesOf(cluster: Cluster): NodeAddresses {
  const urls = new Map<NodeName, string>();
  const note = ({ name, url }: { readonly name: NodeName; readonly url: string | null }): void => {
    if (url !== null) urls.set(name, url);
  };
  for (const view of cluster.processes()) note(view);
  cluster.onChange(note);
  return urls;
}

/** The addresses that a node and everything watched after it tell of. */
export function addressesFrom(first: NodeView, watcher: Watcher | null): NodeAddresses {
  const urls = new Map<NodeName, string>();
  const note = ({ name, url }: { readonly name: NodeName; readonly url: string }): void => {
    if (url !== "") urls.set(name, url);
  };
  const noteAll = (view: NodeView): void => {
    view.peers.forEach(note);
    note(view);
  };
  noteAll(first);
  watcher?.subscribe((update) => {
    if (update.type === "snapshot") noteAll(update.snapshot.node);
    if (update.type !== "events") return;
    for (const { body } of update.events) if (body.type === "peer-changed") note(body.peer);
  });
  return urls;
}
