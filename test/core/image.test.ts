import { expect, test } from "vitest";
import { makeImage, restoreImage } from "../../src/core/image.ts";
import { makeNodeState } from "../../src/core/node-state.ts";
import { storedPages } from "../../src/core/packed-requests.ts";
import { allRequests } from "../../src/core/participant-requests.ts";
import { enterState, raiseFloor } from "../../src/core/participant-tables.ts";
import { DEFAULT_SETTINGS, SETTLED_CHECKPOINTED_MAX } from "../../src/core/settings.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";

// A checkpoint is written again and again: it carries what may soon be asked for, and not all that is remembered.

const makeNode = () =>
  makeNodeState({
    self: { name: "coordinator" as NodeName, url: "" },
    storeId: "00000000000a" as StoreId,
    epoch: 1,
    settings: DEFAULT_SETTINGS,
    isParticipant: false,
  });

const settled = (index: number) => ({
  phase: "settled" as const,
  requestId: `r${index}` as RequestId,
  issuedAtMs: 1,
  digest: "d",
  attempts: 1,
  isOnlyHere: true,
  transactionId: null,
  outcome: index % 3 === 0 ? ("aborted" as const) : ("committed" as const),
  reason: null,
  votes: {},
  results: [],
});

test("a checkpoint carries the newest requests that committed, in the order in which they were settled", () => {
  const node = makeNode();
  const all = Array.from({ length: 2 * SETTLED_CHECKPOINTED_MAX }, (_, index) => settled(index));
  for (const request of all) node.coordinator.settled.add(request);
  const committed = all.filter(({ outcome }) => outcome === "committed");
  const newest = committed.slice(committed.length - SETTLED_CHECKPOINTED_MAX).map((each) => each.requestId);

  const restored = makeNode();
  restoreImage(
    restored,
    makeImage(node, () => null),
    [],
  );

  expect(newest).toHaveLength(SETTLED_CHECKPOINTED_MAX);
  expect([...restored.coordinator.settled].map(([requestId]) => requestId)).toEqual(newest);
});

/** A participant with work that has committed and is being finished. */
function performing(counter: number) {
  const transactionId = `coordinator-00000000000a.1.${counter}` as TransactionId;
  const job = {
    transactionId,
    requestId: `r${counter}` as RequestId,
    issuedAtMs: 1,
    digest: "d",
    coordinator: { name: "coordinator" as NodeName, url: "" },
    participants: [],
    onePhase: false,
  };
  const work = { redo: [], undo: [], results: [] };
  return { phase: "performing", job, work, step: "forcing", trouble: null } as const;
}

test("what the floor has passed while it was finishing is guarded once, and what a checkpoint's pages hold as well", () => {
  const node = makeNode();
  const finish = (counter: number) => {
    const state = performing(counter);
    enterState(node, state.job.transactionId, { ...state, phase: "committed" });
  };
  const perform = (counter: number) =>
    enterState(node, performing(counter).job.transactionId, performing(counter));
  const raise = (counter: number) =>
    raiseFloor(node, "coordinator-00000000000a" as NodeId, { epoch: 1, counter });
  finish(1);
  finish(2);
  raise(3);
  perform(3);
  perform(4);
  raise(4);

  const restored = makeNode();
  restoreImage(
    restored,
    makeImage(node, () => null),
    storedPages(node.participant.requests.packed),
  );

  const requestIds = [...allRequests(restored)].map(([requestId]) => requestId);
  expect(requestIds.sort()).toEqual(["r1", "r2", "r3", "r4"]);
});
