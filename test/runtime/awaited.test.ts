import { expect, test } from "vitest";
import { SAMPLE_ITEMS } from "../../src/resources/sample.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import { createNode } from "../../src/runtime/node.ts";
import type { Log } from "../../src/runtime/ports.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { Prepare, ProtocolMessage } from "../../src/schema/protocol.ts";
import { createScriptedDisk } from "../../src/sim/world/scripted-disk.ts";
import { createTestClock } from "./fixtures.ts";

// Which records the log must write at once: those that somebody waits for. An ack alone makes nobody wait.

const COORDINATOR = "coordinator" as NodeName;
const STORE = "00000000000c" as StoreId;
const TRANSACTION = `coordinator-${STORE}.1.1` as TransactionId;
const FLOOR = { epoch: 1, counter: 1 };

function connectedParticipant() {
  const clock = createTestClock();
  const opened = createScriptedDisk().open((job) => clock.defer(job));
  const said: string[] = [];
  let appended: string[] = [];
  /** Records of each turn that had any, and whether the log was told that somebody waits for them. */
  const written: [boolean, string[]][] = [];
  const log: Log = {
    ...opened.log,
    append(record, force) {
      appended.push(record.type);
      return opened.log.append(record, force);
    },
    flush(isAwaited) {
      if (appended.length > 0) written.push([isAwaited, appended]);
      appended = [];
      opened.log.flush(isAwaited);
    },
  };
  const node = createNode({
    name: "warehouse" as NodeName,
    kind: "warehouse",
    storeId: "000000000001" as StoreId,
    pid: 1,
    clock,
    random: { next: () => 1 },
    ...opened,
    log,
    resource: createWarehouse(SAMPLE_ITEMS),
    digest: (text) => String(text.length),
    faults: null,
    reach: null,
    knownNodes: [],
    keepNodes: () => {},
    report: () => {},
  });
  node.start({
    url: "ws://warehouse",
    network: { send: (_to, _url, { type }) => void said.push(type), flush: () => {} },
    dial: () => {},
    announce: () => {},
    setLinkFault: () => {},
  });
  const nodeId = `${COORDINATOR}-${STORE}` as NodeId;
  const peer = {
    name: COORDINATOR,
    kind: "coordinator",
    nodeId,
    storeId: STORE,
    epoch: 1,
    url: "ws://coordinator",
  };
  node.handlers.peerUp({ ...peer, kind: "coordinator" });
  clock.run();
  const hear = (message: ProtocolMessage) => {
    node.handlers.protocol(COORDINATOR, [message]);
    clock.run();
  };
  return { hear, said, written };
}

const prepareOf = (onePhase: boolean): Prepare => ({
  type: "prepare",
  transactionId: TRANSACTION,
  requestId: "r1" as RequestId,
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

test("a vote waits for its record, an ack leaves its record time", () => {
  const { hear, said, written } = connectedParticipant();
  hear(prepareOf(false));
  const preparedAt = { storeId: "000000000001" as StoreId, epoch: 1, seq: 2 };
  hear({ type: "commit", transactionId: TRANSACTION, runEpoch: 1, floor: FLOOR, preparedAt });
  expect(written).toEqual([
    [true, ["prepared"]],
    [false, ["committed"]],
  ]);
  expect(said).toEqual(["vote", "ack"]);
});

test("the client waits for the record of the only participant", () => {
  const { hear, said, written } = connectedParticipant();
  hear(prepareOf(true));
  expect(written).toEqual([[true, ["committed"]]]);
  expect(said).toEqual(["decided"]);
});
