import { expect, test } from "vitest";
import { createFaults, type Faults } from "../../src/runtime/faults.ts";
import { createNode } from "../../src/runtime/node.ts";
import type { ClientLink, Log } from "../../src/runtime/ports.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import type { Prepare, ProtocolMessage, Vote } from "../../src/schema/protocol.ts";
import { createScriptedDisk } from "../../src/sim/world/scripted-disk.ts";
import { createTestClock, createTestLink, PLAIN_PARTS } from "./fixtures.ts";

// One node's loop against a clock that the test moves: in which order a turn takes what has come together.

const NAMES = ["warehouse", "ledger"] as NodeName[];

function coordinatorWithPeers(faults: Faults | null = null, startsHeld = false) {
  const clock = createTestClock();
  const sent: ProtocolMessage[] = [];
  const disk = createScriptedDisk();
  const opened = disk.open((job) => clock.defer(job));
  /** When messages left and records were to be written. */
  const flushes: string[] = [];
  const log: Log = {
    ...opened.log,
    flush(isAwaited) {
      flushes.push("written");
      opened.log.flush(isAwaited);
    },
  };
  const learned: string[] = [];
  const dialled: string[] = [];
  const cuts: unknown[] = [];
  const node = createNode({
    ...PLAIN_PARTS,
    name: "coordinator" as NodeName,
    kind: "coordinator",
    storeId: "00000000000c" as StoreId,
    clock,
    ...opened,
    log,
    resource: null,
    faults,
    startsHeld,
    keepNodes: (nodes) => void learned.push(nodes.map(({ name, url }) => `${name} ${url}`).join(", ")),
  });
  node.start({
    url: "ws://coordinator",
    network: {
      send: (_to, _url, message) => void sent.push(message),
      flush: () => void flushes.push("left"),
    },
    dial: (url) => void dialled.push(url),
    announce: () => {},
    setLinkFault: (name, cut) => void cuts.push([name, cut]),
  });
  for (const [index, name] of NAMES.entries()) {
    const storeId = `00000000000${index}` as StoreId;
    const nodeId = `${name}-${storeId}` as NodeId;
    node.handlers.peerUp({ name, kind: "warehouse", nodeId, storeId, epoch: 1, url: `ws://${name}` });
  }
  clock.run();
  return { node, clock, sent, disk, learned, dialled, cuts, flushes };
}

function yes(transactionId: TransactionId, from: NodeName): Vote {
  const preparedAt = { storeId: `00000000000${NAMES.indexOf(from)}` as StoreId, epoch: 1, seq: 2 };
  return { type: "vote", transactionId, from, vote: "yes", reason: null, results: [], preparedAt };
}

test("a node that was paused counts the votes that have come before it looks at the time", () => {
  const { node, clock, sent, disk } = coordinatorWithPeers();
  const client = createTestLink();
  node.handlers.client(client, {
    type: "begin",
    requestId: "r1" as RequestId,
    issuedAtMs: 1,
    operations: NAMES.map((participant) => ({ participant, op: "read" })),
    timeoutMs: 60_000,
  });
  clock.run();
  const prepares = sent.filter((message): message is Prepare => message.type === "prepare");
  expect(prepares).toHaveLength(2);
  clock.advance(30_000); // Long past the time-out, which is due at once when the process goes on.
  const { transactionId } = prepares[0] as Prepare;
  for (const from of NAMES) node.handlers.protocol(from, [yes(transactionId, from)]);
  clock.run();
  expect(disk.records().map(({ record }) => record.type)).toEqual(["run-start", "commit"]);
  expect(client.sent).toMatchObject([{ type: "outcome", outcome: "committed", attempts: 1 }]);
});

test("nobody is late at a node that was started holding, before somebody claims the hold and after", () => {
  const { node, clock } = coordinatorWithPeers(
    createFaults(() => {}),
    true,
  );
  const client = createTestLink();
  node.handlers.client(client, {
    type: "begin",
    requestId: "r1" as RequestId,
    issuedAtMs: 1,
    operations: NAMES.map((participant) => ({ participant, op: "read" })),
    timeoutMs: 60_000,
  });
  clock.run();
  clock.advance(9_000);
  clock.run();
  node.handlers.client(createTestLink(), { type: "hold", queryId: 1, hold: true });
  clock.advance(30_000); // Longer than a vote may take.
  clock.run();
  expect(node.view()).toMatchObject({ injected: { isHolding: true } });
  expect(client.sent).toEqual([]);
  const watcher = createTestLink();
  node.handlers.client(watcher, { type: "subscribe" });
  expect(watcher.sent).toMatchObject([{ snapshot: { transactions: [{ attempt: 1, phase: "preparing" }] } }]);
});

test("what a turn says, to peers, clients and watchers, leaves before its records are written", () => {
  const { node, clock, sent, flushes } = coordinatorWithPeers();
  const link = createTestLink();
  const watcher: ClientLink = {
    ...link,
    send(message) {
      if (message.type === "events") flushes.push("told");
      link.send(message);
    },
  };
  node.handlers.client(watcher, { type: "subscribe" });
  node.handlers.client(createTestLink(), {
    type: "begin",
    requestId: "r1" as RequestId,
    issuedAtMs: 1,
    operations: NAMES.map((participant) => ({ participant, op: "read" })),
    timeoutMs: 60_000,
  });
  clock.run();
  const { transactionId } = sent[0] as Prepare;
  flushes.length = 0;
  // The turn in which all votes are in appends `commit`, and tells watchers so.
  for (const from of NAMES) node.handlers.protocol(from, [yes(transactionId, from)]);
  clock.run();
  expect(flushes.slice(0, 3)).toEqual(["told", "left", "written"]);
});

test("what a coordinator answers to an inquiry is counted as the coordinator's", () => {
  const { node, clock, sent } = coordinatorWithPeers();
  node.handlers.client(createTestLink(), {
    type: "begin",
    requestId: "r1" as RequestId,
    issuedAtMs: 1,
    operations: NAMES.map((participant) => ({ participant, op: "read" })),
    timeoutMs: 60_000,
  });
  clock.run();
  const { transactionId } = sent[0] as Prepare;
  const from = "ledger" as NodeName;
  node.handlers.protocol(from, [{ type: "inquiry", transactionId, from }]);
  clock.run();
  expect(sent.at(-1)).toMatchObject({ type: "inquiry-answer", answer: "pending" });
  const link = createTestLink();
  node.handlers.client(link, { type: "query", queryId: 1, what: "transaction", transactionId });
  expect(link.sent).toMatchObject([{ value: [{ role: "coordinator", counts: { messagesSent: 3 } }] }]);
});

test("hearsay does not move a node that is connected, and does move one that is away", () => {
  const { node, clock, learned, dialled } = coordinatorWithPeers();
  const elsewhere = [{ name: "ledger" as NodeName, kind: "ledger", url: "ws://elsewhere" } as const];
  const before = learned.length;
  node.handlers.directory(elsewhere);
  clock.run();
  expect([learned.length, dialled]).toEqual([before, []]);
  expect(node.view().peers.find(({ name }) => name === "ledger")).toMatchObject({ url: "ws://ledger" });
  node.handlers.peerDown("ledger" as NodeName);
  node.handlers.directory(elsewhere);
  clock.run();
  expect(learned.at(-1)).toContain("ledger ws://elsewhere");
  expect(dialled).toEqual(["ws://elsewhere"]);
});

test("a run leaves a bounded number of names to the next, those that are connected among them", () => {
  const { node, clock, learned } = coordinatorWithPeers();
  for (let page = 0; page < 10; page += 1) {
    const nodes = Array.from({ length: 50 }, (_, index) => {
      const name = `heard-of-${page}-${index}` as NodeName;
      return { name, kind: "ledger", url: "ws://nowhere" } as const;
    });
    node.handlers.directory(nodes);
    clock.run();
  }
  const kept = (learned.at(-1) ?? "").split(", ").map((text) => text.split(" ")[0]);
  expect(kept).toHaveLength(200);
  expect(kept).toEqual(expect.arrayContaining([...NAMES, "heard-of-9-49"]));
});

test("a node that is halted says nothing more and does nothing that was due", () => {
  const { node, clock, sent, disk } = coordinatorWithPeers();
  const count = sent.length;
  node.handlers.client(createTestLink(), {
    type: "begin",
    requestId: "r1" as RequestId,
    issuedAtMs: 1,
    operations: [{ participant: "ledger" as NodeName, op: "read" }],
    timeoutMs: 60_000,
  });
  node.halt();
  clock.run();
  clock.advance(100_000);
  clock.run();
  expect([sent.length, disk.records().length, clock.scheduled()]).toEqual([count, 1, []]);
});

test("what is taken back is not told as armed", () => {
  const { node } = coordinatorWithPeers(createFaults(() => {}));
  const link = createTestLink();
  node.handlers.client(link, { type: "subscribe" });
  const cut = { type: "cut-link", queryId: 1, peer: "ledger" as NodeName, direction: "out" } as const;
  const arm = { type: "arm-fault", queryId: 2, fault: "drop-message" } as const;
  node.handlers.client(link, { ...cut, cut: true });
  node.handlers.client(link, { ...cut, cut: false });
  node.handlers.client(link, { ...arm, count: 2 });
  node.handlers.client(link, { ...arm, count: 0 });
  const told = link.sent.flatMap((sent) => (sent.type === "events" ? sent.events : []));
  expect(told.flatMap(({ body }) => (body.type === "fault-armed" ? [body.fault] : []))).toEqual([
    "link to ledger cut, out",
    "link to ledger healed",
    "drop-message armed ×2",
    "drop-message disarmed",
  ]);
});

test("a link is cut and healed at a client's word, where faults may be injected and nowhere else", () => {
  const words = { type: "cut-link", queryId: 1, peer: "ledger" as NodeName, direction: "out" } as const;
  const open = coordinatorWithPeers(createFaults(() => {}));
  const link = createTestLink();
  open.node.handlers.client(link, { ...words, cut: true });
  open.node.handlers.client(link, { ...words, cut: false });
  expect(open.cuts).toEqual([
    ["ledger", "out"],
    ["ledger", null],
  ]);
  const shut = coordinatorWithPeers();
  shut.node.handlers.client(link, { ...words, cut: true });
  expect(shut.cuts).toEqual([]);
  expect(link.sent.map((sent) => sent.type === "reply" && sent.error?.code)).toEqual([
    undefined,
    undefined,
    "TPC_FORBIDDEN",
  ]);
});
