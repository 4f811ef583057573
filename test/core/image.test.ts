import { expect, test } from "vitest";
import { makeImage, restoreImage } from "../../src/core/image.ts";
import { makeNodeState } from "../../src/core/node-state.ts";
import { rememberRequest } from "../../src/core/request-desk.ts";
import { DEFAULT_SETTINGS, SETTLED_CHECKPOINTED_MAX } from "../../src/core/settings.ts";
import type { NodeName, RequestId, StoreId } from "../../src/schema/ids.ts";

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
  for (const request of all) rememberRequest(node, request);
  const committed = all.filter(({ outcome }) => outcome === "committed");
  const newest = committed.slice(committed.length - SETTLED_CHECKPOINTED_MAX).map((each) => each.requestId);

  const restored = makeNode();
  restoreImage(
    restored,
    makeImage(node, () => null),
    [],
  );

  expect(newest).toHaveLength(SETTLED_CHECKPOINTED_MAX);
  expect([...restored.coordinator.requests.keys()]).toEqual(newest);
});
