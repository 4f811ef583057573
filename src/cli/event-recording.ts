import type { ClusterWatcher } from "../client/watcher.ts";
import { hearUpdate, type Monitor } from "../conform/monitor.ts";
import { jsonLine } from "../headless/reporters/json-lines.ts";
import type { NodeName } from "../schema/ids.ts";
import type { ClosableQuery } from "./cluster-query.ts";
import type { TraceFile } from "./trace-file.ts";

const CATCH_UP_MS = 10_000;

export interface RecordingParts {
  /** Closed when the recording is finished. */
  readonly watcher: ClusterWatcher;
  /** The nodes without which a recording would be incomplete. */
  readonly names: readonly NodeName[];
  readonly query: ClosableQuery;
  readonly jsonLines: ((line: string) => void) | null;
  readonly trace: TraceFile | null;
  readonly monitor: Monitor;
}

export interface Recording {
  /** Resolves when everything is heard that the nodes have told by now, or after ten seconds. */
  catchUp(): Promise<void>;
  finish(): Promise<void>;
}

/** Records what nodes tell, from a snapshot of each of them on. Resolves when every node is heard, or after ten seconds. */
export async function recordEvents(parts: RecordingParts): Promise<Recording> {
  const { watcher, names, query, jsonLines, trace, monitor } = parts;
  const heard = new Map<NodeName, number>();
  const waiting = new Set<() => void>();
  watcher.subscribe((update) => {
    trace?.write(update);
    hearUpdate(monitor, update);
    if (update.type === "snapshot") heard.set(update.snapshot.node.name, update.snapshot.number);
    if (update.type === "events") {
      for (const event of update.events) {
        heard.set(event.node, event.number);
        jsonLines?.(jsonLine({ type: "node-event", event }));
      }
    }
    for (const check of waiting) check();
  });

  function until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        waiting.delete(check);
        resolve();
      };
      const check = (): void => {
        if (isSo()) settle();
      };
      const timer = setTimeout(settle, CATCH_UP_MS);
      waiting.add(check);
      check();
    });
  }

  await until(() => names.every((name) => heard.has(name)));
  const catchUp = async (): Promise<void> => {
    const numbers = await Promise.all(
      names.map(async (name) => ({ name, number: await query.lastEventNumber(name).catch(() => 0) })),
    );
    await until(() => numbers.every(({ name, number }) => (heard.get(name) ?? 0) >= number));
  };
  return {
    catchUp,
    async finish() {
      await catchUp();
      watcher.close();
    },
  };
}
