import type { NodeState } from "../core/node-state.ts";
import { dropOldRequests } from "../core/participant-tables.ts";

/** Drops requests whose window is over, as fast as they can come and with pauses that others have their turns in. */
export interface Pruning {
  turnEnded(nowMs: number): void;
}

/** After some were dropped: twenty pages a second, and a busy node fills a quarter of that. */
const PAUSE_MS = 50;
/** After none was old enough. */
const LOOK_MS = 1_000;

export function createPruning(state: NodeState, wallOffsetMs: number): Pruning {
  let nextMs = 0;
  return {
    turnEnded(nowMs) {
      if (nowMs < nextMs) return;
      nextMs = nowMs + (dropOldRequests(state, wallOffsetMs + nowMs) ? PAUSE_MS : LOOK_MS);
    },
  };
}
