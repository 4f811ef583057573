import { expect, test } from "vitest";
import { stepNode } from "../../src/core/node.ts";
import { makeNodeState } from "../../src/core/node-state.ts";
import { finishRecovery } from "../../src/core/recovery.ts";
import { DEFAULT_SETTINGS, REQUESTS_MAX } from "../../src/core/settings.ts";
import type { NodeName, RequestId, StoreId } from "../../src/schema/ids.ts";

// A flood of requests that cannot go on fills no memory: beyond a bound the coordinator is busy, and says so at once.

test("requests under way are bounded", () => {
  const self = { name: "coordinator" as NodeName, url: "" };
  const storeId = "00000000000a" as StoreId;
  const node = makeNodeState({ self, storeId, epoch: 1, settings: DEFAULT_SETTINGS, isParticipant: false });
  finishRecovery(node);
  const operations = [{ participant: "nobody" as NodeName, op: "ship" }];
  const begin = (index: number) => {
    const request = {
      requestId: `r${index}` as RequestId,
      issuedAtMs: 1,
      operations,
      timeoutMs: 1_000,
      digest: "d",
    };
    return stepNode(node, { type: "begin-received", request: { ...request, isFirstSend: true } });
  };
  for (let index = 0; index < REQUESTS_MAX; index += 1) begin(index);
  const refused = begin(REQUESTS_MAX);
  expect(refused).toMatchObject([
    { type: "answer-client", outcome: { outcome: "aborted", reason: { code: "busy" } } },
  ]);
  expect(node.coordinator.requests.size).toBe(REQUESTS_MAX);
});
