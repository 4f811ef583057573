import { SAMPLE_ITEMS } from "../../src/resources/sample.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import { createNode } from "../../src/runtime/node.ts";
import type { Log } from "../../src/runtime/ports.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { Prepare, ProtocolMessage } from "../../src/schema/protocol.ts";
import { createScriptedDisk } from "../../src/sim/world/scripted-disk.ts";
import { createTestClock, PLAIN_PARTS } from "./fixtures.ts";

const COORDINATOR = "coordinator" as NodeName;
const STORE = "00000000000c" as StoreId;
export const FLOOR = { epoch: 1, counter: 1 };

/** A warehouse whose coordinator is there, against a clock that the test moves; `watched` makes of its log the one that it has. */
export function connectedParticipant(watched: (log: Log) => Log) {
  const clock = createTestClock();
  const opened = createScriptedDisk().open((job) => clock.defer(job));
  const said: string[] = [];
  const node = createNode({
    ...PLAIN_PARTS,
    name: "warehouse" as NodeName,
    kind: "warehouse",
    storeId: "000000000001" as StoreId,
    clock,
    ...opened,
    log: watched(opened.log),
    resource: createWarehouse(SAMPLE_ITEMS),
  });
  node.start({
    url: "ws://warehouse",
    network: { send: (_to, _url, { type }) => void said.push(type), flush: () => {} },
    dial: () => {},
    announce: () => {},
    setLinkFault: () => {},
  });
  const nodeId = `${COORDINATOR}-${STORE}` as NodeId;
  node.handlers.peerUp({
    name: COORDINATOR,
    kind: "coordinator",
    nodeId,
    storeId: STORE,
    epoch: 1,
    url: "ws://coordinator",
  });
  clock.run();
  const hear = (message: ProtocolMessage) => {
    node.handlers.protocol(COORDINATOR, [message]);
    clock.run();
  };
  return { node, clock, hear, said };
}

export const transactionId = (counter: number) => `coordinator-${STORE}.1.${counter}` as TransactionId;

export const prepareOf = (onePhase: boolean, counter = 1): Prepare => ({
  type: "prepare",
  transactionId: transactionId(counter),
  requestId: `r${counter}` as RequestId,
  issuedAtMs: 1_000_000,
  digest: "d",
  operations: [{ participant: "warehouse" as NodeName, op: "ship", sku: "LAMP-01", quantity: 1 }],
  onePhase,
  coordinator: { name: COORDINATOR, url: "ws://coordinator" },
  participants: [{ name: "warehouse" as NodeName, url: "ws://warehouse" }],
  floor: FLOOR,
  toStore: "000000000001" as StoreId,
  toEpoch: 1,
});
