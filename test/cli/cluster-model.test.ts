import { expect, test } from "vitest";
import { modelOf } from "../../src/cli/cluster-model.ts";
import type { ClusterClients } from "../../src/cli/open-client.ts";
import type { Client } from "../../src/client/client.ts";
import { TpcError } from "../../src/core/errors.ts";
import { explanationParts } from "../../src/observe/explanation.ts";
import { unfinishedTransactions } from "../../src/observe/transaction.ts";
import { explain, whyLine } from "../../src/observe/why.ts";
import type { NodeName } from "../../src/schema/ids.ts";
import type { NodeView } from "../../src/schema/views.ts";
import { COORDINATOR, participantView, transactionId, WAREHOUSE } from "../console/story.ts";

// Goal: commands explain an unfinished transaction in the console's words, from what nodes answer when they are asked.

/** A warehouse that holds an order, and a coordinator that cannot be asked. */
function clients(why: Error = new TpcError("TPC_UNREACHABLE", "connect ECONNREFUSED")): ClusterClients {
  const view = { name: WAREHOUSE, kind: "warehouse", epoch: 4, peers: [{ name: COORDINATOR }], alarms: [] };
  const node = view as unknown as NodeView;
  const prepared = { ...participantView(transactionId(1), 1_000), phase: "prepared", vote: "yes" } as const;
  const warehouse = {
    nodeView: async () => node,
    transactions: async () => [prepared],
    retries: async () => [],
  } as unknown as Client;
  return {
    first: warehouse,
    view: node,
    async at(name: NodeName) {
      if (name === WAREHOUSE) return warehouse;
      throw why;
    },
    closeAll: () => {},
  };
}

test("a defect is no node that is not heard", async () => {
  const model = modelOf(clients(new TypeError("no such property")), [], (client) => client.transactions(10));
  await expect(model).rejects.toThrow("no such property");
});

test("what a node holds while its coordinator does not answer is in doubt, and the way out is named", async () => {
  const model = await modelOf(clients(), [], (client) => client.transactions(10));
  const [transaction] = unfinishedTransactions(model);
  if (transaction === undefined) throw new Error("the order is not finished");
  expect(whyLine(model, transaction)).toBe(
    "blocked: coordinator not heard; warehouse in doubt; safe: restart coordinator: it answers by its log",
  );
  const explanation = explain(model, transaction);
  if (explanation === null) throw new Error("it can be explained");
  expect(explanationParts(explanation, 2_000).map(({ label }) => label)).toEqual([
    "why",
    "safe",
    "unsafe",
    "error",
    "blocker",
  ]);
});
