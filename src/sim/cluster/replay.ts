import { makeNodeState, type NodeState } from "../../core/node-state.ts";
import { DEFAULT_SETTINGS } from "../../core/settings.ts";
import type { Recovered, Resource } from "../../runtime/ports.ts";
import { recoverNode } from "../../runtime/recover.ts";
import type { Written } from "./books.ts";
import { openResource } from "./resources.ts";
import type { Run } from "./witness.ts";

/** What a node has after it has read its log. */
export interface Replayed {
  readonly state: NodeState;
  readonly resource: Resource | null;
}

/** What the records make of a new node of that run, on top of a checkpoint where there is one. */
export function replay(
  run: Run,
  written: readonly Written[],
  checkpoint: Recovered["checkpoint"] = null,
): Replayed {
  const records = written.map(({ record, epoch, seq }) => ({ record, lsn: { epoch, seq } }));
  const end = records.at(-1)?.lsn ?? { epoch: 0, seq: 0 };
  return recover(run, { epoch: run.epoch, checkpoint, records, end, summary: "" });
}

export function recover(run: Run, recovered: Recovered): Replayed {
  const { name, storeId, epoch, kind } = run;
  const state = makeNodeState({
    self: { name, url: `ws://${name}` },
    storeId,
    epoch,
    settings: DEFAULT_SETTINGS,
    isParticipant: kind !== "coordinator",
  });
  const resource = openResource(kind);
  recoverNode(state, resource, recovered);
  return { state, resource };
}
