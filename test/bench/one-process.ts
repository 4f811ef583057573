import { hash } from "node:crypto";
import { type Planned, planTransaction, type Stock } from "../../src/bench/plan.ts";
import { createFrameWriter } from "../../src/codec/frame-writer.ts";
import { createGrowingBytes } from "../../src/codec/growing-bytes.ts";
import { putRecord } from "../../src/codec/record-codec.ts";
import { decodeBytes, type WireMessage } from "../../src/codec/wire.ts";
import { createClock } from "../../src/drivers/clock.ts";
import { createLedger } from "../../src/resources/ledger.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import { createNode, type Node } from "../../src/runtime/node.ts";
import type { ClientLink, Log, Resource } from "../../src/runtime/ports.ts";
import type { NodeId, NodeName, RequestId, StoreId } from "../../src/schema/ids.ts";
import type { ProtocolMessage } from "../../src/schema/protocol.ts";
import type { ClientMessage } from "../../src/schema/session.ts";
import type { NodeKind } from "../../src/schema/views.ts";
import type { Stopwatch } from "./stopwatch.ts";

// A cluster's node loops and a client in one process, without sockets and disks: each frame and record is encoded and decoded as
// between processes, and what is forced counts as on disk a moment later. It tells what nodes compute; nothing in it is durable.

/** The load that the nodes carry, one stretch after the other. */
export interface OneProcess {
  /** Runs so many transactions, `inFlight` at once. Throws where one does not commit. */
  run(transactions: number, inFlight: number): Promise<void>;
}

type Later = (run: () => void) => void;

interface Member {
  readonly node: Node;
  readonly name: NodeName;
  readonly kind: NodeKind;
  readonly storeId: StoreId;
  readonly url: string;
}

const FRAME_BYTES_MAX = 2 ** 20;
const ROWS = 1_000;
const PLENTY = "1000000000000";
/** Pieces of work after which timers and the collector's callbacks have their turn. */
const PIECES_IN_A_ROW = 200;
const MIXTURE = { abortRate: 0, readOnlyShare: 0 };

export function createOneProcess(stopwatch: Stopwatch): OneProcess {
  let due: (() => void)[] = [];
  const later: Later = (run) => void due.push(run);
  const numbers = Array.from({ length: ROWS }, (_, place) => String(place + 1).padStart(4, "0"));
  const members = new Map<NodeName, Member>();
  const client = createClient(stopwatch, later, (messages) => {
    for (const message of messages) coordinator.node.handlers.client(client.link, message);
  });
  const add = (kind: NodeKind, resource: Resource | null): Member => {
    const member = startMember({ kind, resource, members, stopwatch, later, flushClient: client.flush });
    members.set(member.name, member);
    return member;
  };
  const coordinator = add("coordinator", null);
  add("warehouse", createWarehouse(numbers.map(itemOf)));
  add("ledger", createLedger(numbers.flatMap(accountsOf)));
  for (const one of members.values()) {
    for (const other of members.values()) if (one !== other) one.node.handlers.peerUp(helloOf(other));
  }
  const stocks = stocksOf(numbers);

  return {
    async run(transactions, inFlight) {
      client.load(transactions, inFlight, (index) => planTransaction(stocks, MIXTURE, index));
      for (let pieces = 0; due.length > 0; ) {
        const now = due;
        due = [];
        for (const piece of now) piece();
        pieces += now.length;
        if (pieces < PIECES_IN_A_ROW) continue;
        pieces = 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

function startMember(parts: {
  readonly kind: NodeKind;
  readonly resource: Resource | null;
  readonly members: ReadonlyMap<NodeName, Member>;
  readonly stopwatch: Stopwatch;
  readonly later: Later;
  readonly flushClient: () => void;
}): Member {
  const { kind, members, stopwatch, later } = parts;
  const name: NodeName = asName(kind);
  const storeId = `00000000000${members.size}` as StoreId;
  const url = `ws://127.0.0.1:4000${members.size}`;
  const outgoing = new Map<NodeName, ProtocolMessage[]>();
  const node = createNode({
    name,
    kind,
    storeId,
    pid: process.pid,
    clock: { ...createClock(), defer: (run) => later(() => stopwatch.time(`turns: ${kind}`, run)) },
    random: { next: Math.random },
    log: createLog(stopwatch, later),
    recovered: { epoch: 1, checkpoint: null, records: [], end: { epoch: 1, seq: 0 }, summary: "clean" },
    resource: parts.resource,
    digest: (text) => hash("sha256", text, "base64url"),
    faults: null,
    reach: null,
    knownNodes: [],
    keepNodes: () => {},
    report: () => {},
  });
  node.start({
    url,
    network: {
      send(to, _url, message) {
        const messages = outgoing.get(to);
        if (messages === undefined) outgoing.set(to, [message]);
        else messages.push(message);
      },
      flush() {
        for (const [to, messages] of outgoing) {
          outgoing.delete(to);
          carry(stopwatch, later, messages, (arrived) =>
            members.get(to)?.node.handlers.protocol(name, arrived),
          );
        }
        if (kind === "coordinator") parts.flushClient();
      },
    },
    dial: () => {},
    announce: () => {},
    setLinkFault: () => {},
  });
  return { node, name, kind, storeId, url };
}

const writeFrames = createFrameWriter(Buffer.allocUnsafe);

/** Encodes messages, and a moment later decodes them and hands them over. */
function carry<Message extends WireMessage>(
  stopwatch: Stopwatch,
  later: Later,
  messages: readonly Message[],
  take: (messages: readonly Message[]) => void,
): void {
  const frames = stopwatch.time("wire: encoding", () => writeFrames(messages, FRAME_BYTES_MAX).frames);
  later(() => {
    for (const frame of frames) {
      const decoded = stopwatch.time("wire: decoding", () => decodeBytes(frame));
      if ("problem" in decoded) throw new Error(decoded.problem.message);
      take(decoded.messages as readonly Message[]);
    }
  });
}

const written = createGrowingBytes(Buffer.allocUnsafe, 64 * 1024);

function createLog(stopwatch: Stopwatch, later: Later): Log {
  let seq = 0;
  let isForceDue = false;
  let isForcing = false;
  let listener: (throughSeq: number) => void = () => {};
  const force = () => {
    if (!isForceDue || isForcing) return;
    isForceDue = false;
    isForcing = true;
    const throughSeq = seq;
    later(() => {
      isForcing = false;
      listener(throughSeq);
      force();
    });
  };
  return {
    append(record, isForced) {
      stopwatch.time("log: records", () => putRecord(written, record, 0));
      seq += 1;
      isForceDue ||= isForced;
      return seq;
    },
    flush: force,
    onForced(heard) {
      listener = heard;
    },
    onSpace: () => {},
    wantsCheckpoint: () => false,
    checkpoint: async () => {},
    close: async () => {},
  };
}

/** Keeps so many requests in flight. */
function createClient(
  stopwatch: Stopwatch,
  later: Later,
  send: (messages: readonly ClientMessage[]) => void,
) {
  let begun = 0;
  let last = 0;
  let planOf: (index: number) => Planned;
  let outgoing: ClientMessage[] = [];
  let outcomes: WireMessage[] = [];
  const begin = () => {
    const { operations } = stopwatch.time("client", () => planOf(begun));
    const requestId = `one-process-${begun}` as RequestId;
    outgoing.push({
      type: "begin",
      requestId,
      issuedAtMs: Date.now(),
      operations,
      timeoutMs: 30_000,
      isFirstSend: true,
    });
    begun += 1;
  };
  const flush = () => {
    const messages = outgoing;
    outgoing = [];
    if (messages.length > 0)
      carry(stopwatch, later, messages, (arrived) => stopwatch.time("requests", () => send(arrived)));
  };
  const link: ClientLink = {
    send: (message) => void outcomes.push(message),
    bufferedBytes: () => 0,
    close: () => {},
  };
  return {
    link,
    load(transactions: number, inFlight: number, plan: (index: number) => Planned) {
      planOf = plan;
      last = begun + transactions;
      while (begun < last && begun < last - transactions + inFlight) begin();
      flush();
    },
    flush() {
      const messages = outcomes;
      outcomes = [];
      if (messages.length === 0) return;
      carry(stopwatch, later, messages, (arrived) => {
        for (const message of arrived) {
          if (message.type !== "outcome" || message.outcome !== "committed") {
            throw new Error(`not a commit: ${JSON.stringify(message)}`);
          }
          if (begun < last) begin();
        }
        flush();
      });
    },
  };
}

function helloOf({ node, name, kind, storeId, url }: Member) {
  return { name, kind, nodeId: `${name}-${storeId}` as NodeId, storeId, epoch: node.view().epoch, url };
}

function stocksOf(numbers: readonly string[]): readonly Stock[] {
  return [
    { name: asName("warehouse"), kind: "warehouse", skus: numbers.map((number) => itemOf(number).sku) },
    {
      name: asName("ledger"),
      kind: "ledger",
      pairs: numbers.map((number) => ({ debit: `cash-${number}`, credit: `customer-${number}` })),
    },
  ];
}

function asName(kind: NodeKind): NodeName {
  return kind as string as NodeName;
}

function itemOf(number: string) {
  return { sku: `ITEM-${number}`, name: `Item ${number}`, onHand: PLENTY };
}

function accountsOf(number: string) {
  const names = { name: `Account ${number}`, overdraft: false };
  return [
    { id: `cash-${number}`, type: "asset", debitsPosted: PLENTY, creditsPosted: "0", ...names },
    { id: `customer-${number}`, type: "liability", debitsPosted: "0", creditsPosted: PLENTY, ...names },
  ] as const;
}
