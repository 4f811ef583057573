import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { describe, expect, test } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/connect.ts";
import { TpcError } from "../../src/core/errors.ts";
import { CLIENT_FRAME_BYTES_MAX } from "../../src/drivers/wire/limits.ts";
import type { RequestId, TransactionId } from "../../src/schema/ids.ts";
import type { Begin, Query, SessionMessage } from "../../src/schema/session.ts";
import {
  afterTest,
  createRecorder,
  nodeName,
  type Rig,
  STORES,
  startRig,
  TOKEN,
  until,
} from "../drivers/wire/rig.ts";
import { nodeView, outcomeOf, snapshotOf } from "./fixtures.ts";

type Answer = (message: SessionMessage) => SessionMessage | null;

async function startNode(answer: Answer = () => null): Promise<Rig> {
  const heard = createRecorder((link, _type, message) => {
    const reply = answer(message as SessionMessage);
    if (reply !== null) link.send(reply);
  });
  return startRig("coordinator", { heard });
}

async function open(rig: Rig, timeoutMs?: number): Promise<Client> {
  const client = await connect(rig.wire.url, { token: TOKEN, timeoutMs });
  afterTest(() => client.close());
  return client;
}

const request = (requestId: string): Omit<Begin, "type"> => ({
  requestId: requestId as RequestId,
  issuedAtMs: 1,
  operations: [{ participant: nodeName("ledger"), op: "read" }],
  timeoutMs: 1000,
});

async function failure(promise: Promise<unknown>): Promise<TpcError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TpcError)) throw new Error(`not a TpcError: ${String(error)}`);
  return error;
}

describe("connecting says what is wrong and where", () => {
  test("what is not an address", async () => {
    for (const url of ["localhost:7420", "http://127.0.0.1:1", "", "ws://", "ws://user@host:1"]) {
      expect(await failure(connect(url, { token: TOKEN }))).toMatchObject({ code: "TPC_USAGE" });
    }
  });

  test("nobody listens", async () => {
    const rig = await startNode();
    await rig.wire.close();
    const error = await failure(connect(rig.wire.url, { token: TOKEN }));
    expect(error).toMatchObject({ code: "TPC_UNREACHABLE", sent: false });
    expect(error.message).toContain(rig.wire.url);
    expect(error.message).toContain("ECONNREFUSED");
  });

  test("somebody listens and says nothing", async () => {
    const url = await listenOn(createServer((socket) => socket.on("error", () => {})));
    const error = await failure(connect(url, { token: TOKEN, timeoutMs: 50 }));
    expect(error).toMatchObject({ code: "TPC_UNREACHABLE", sent: false });
  });

  test("another program listens", async () => {
    const url = await listenOn(createHttpServer((_request, response) => response.end("hello")));
    expect(await failure(connect(url, { token: TOKEN }))).toMatchObject({ code: "TPC_PROTOCOL" });
  });

  test("the token is another cluster's", async () => {
    const rig = await startNode();
    const error = await failure(connect(rig.wire.url, { token: "another-token-entirely" }));
    expect(error).toMatchObject({ code: "TPC_TOKEN" });
    expect(error.message).toContain(rig.wire.url);
  });
});

describe("a request", () => {
  test("resolves with its outcome, for everybody who sent it", async () => {
    const begun: string[] = [];
    const rig = await startNode((message) => {
      if (message.type !== "begin") return null;
      begun.push(message.requestId);
      return begun.length < 3 ? null : outcomeOf("twice");
    });
    const client = await open(rig);
    const first = client.begin(request("twice"));
    const second = client.begin(request("twice"));
    const other = failure(client.begin(request("other")));
    expect(await Promise.all([first, second])).toEqual([outcomeOf("twice"), outcomeOf("twice")]);
    client.close();
    expect(await other).toMatchObject({ code: "TPC_UNREACHABLE", sent: true });
    expect(begun).toEqual(["twice", "twice", "other"]);
  });

  test("lost with the connection says that it was sent; after it, that it was not", async () => {
    const rig = await startNode();
    const client = await open(rig);
    const closed = new Promise<string>((resolve) => client.onClose(resolve));
    const lost = failure(client.begin(request("one")));
    await until(() => rig.heard.told.includes("client begin"), "the node has it");
    rig.heard.clients[0]?.close("draining", "the node is draining");
    expect(await lost).toMatchObject({ code: "TPC_UNREACHABLE", sent: true });
    expect(await closed).toBe("the node is draining");
    expect(await failure(client.begin(request("two")))).toMatchObject({
      code: "TPC_UNREACHABLE",
      sent: false,
    });
    expect(await failure(client.rows())).toMatchObject({ code: "TPC_UNREACHABLE" });
  });

  test("that no node would take is refused here, and the connection stays", async () => {
    const rig = await startNode((message) =>
      message.type === "begin" ? outcomeOf(message.requestId) : null,
    );
    const client = await open(rig);
    const broken = await failure(client.begin({ ...request("one"), operations: [] }));
    expect(broken).toMatchObject({ code: "TPC_BAD_INPUT", sent: false });
    expect(broken.message).toContain("/operations");
    const misspelt = await failure(client.begin(Object.assign(request("one"), { isFirstSent: true })));
    expect(misspelt).toMatchObject({ code: "TPC_BAD_INPUT", sent: false });
    expect(misspelt.message).toContain("isFirstSent");
    const operation = { participant: nodeName("ledger"), op: "read" };
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`field${at}`, "x".repeat(250)]));
    const operations = Array.from({ length: CLIENT_FRAME_BYTES_MAX / 4096 }, () => ({
      ...operation,
      ...fields,
    }));
    const large = await failure(client.begin({ ...request("two"), operations }));
    expect(large).toMatchObject({ code: "TPC_BAD_INPUT", sent: false });
    expect(await client.begin(request("three"))).toMatchObject({ outcome: "committed" });
  });
});

describe("a query", () => {
  const id = `coordinator-${STORES.a}.1.1` as TransactionId;
  const reply = (query: Pick<Query, "queryId">, value: unknown) =>
    ({ type: "reply", queryId: query.queryId, value, error: null }) as const;

  test("brings what was asked for", async () => {
    const asked: unknown[] = [];
    const rig = await startNode((message) => {
      if (message.type === "arm-fault") return reply(message, null);
      if (message.type === "cut-link") {
        asked.push([message.peer, message.cut ? message.direction : null]);
        return reply(message, null);
      }
      if (message.type !== "query") return null;
      asked.push({ what: message.what, transactionId: message.transactionId, limit: message.limit });
      if (message.what === "node") return reply(message, nodeView("coordinator"));
      return reply(message, message.what === "rows" ? { kind: "ledger", accounts: [] } : []);
    });
    const client = await open(rig);
    expect(client.node).toMatchObject({ name: "coordinator", epoch: 1 });
    const answers = await Promise.all([
      client.nodeView(),
      client.rows(),
      client.transactions(5),
      client.transactions(),
      client.transaction(id),
    ]);
    expect(answers).toEqual([nodeView("coordinator"), { kind: "ledger", accounts: [] }, [], [], []]);
    expect(asked).toContainEqual({ what: "transactions", transactionId: undefined, limit: 5 });
    expect(asked).toContainEqual({ what: "transaction", transactionId: id, limit: undefined });
    await client.armFault("vote-no", 2);
    await client.cutLink(nodeName("ledger"), "in");
    await client.cutLink(nodeName("ledger"), null);
    expect(asked.slice(-2)).toEqual([
      ["ledger", "in"],
      ["ledger", null],
    ]);
  });

  test("a refusal keeps its code, an answer of another kind is not passed on, and silence has an end", async () => {
    const rig = await startNode((message) => {
      if (message.type === "arm-fault") {
        const error = { code: "TPC_FORBIDDEN", message: "no fault injection here" };
        return { type: "reply", queryId: message.queryId, value: null, error };
      }
      return message.type === "query" && message.what === "node" ? reply(message, { name: "x" }) : null;
    });
    const client = await open(rig, 200);
    expect(await failure(client.armFault("vote-no", 1))).toMatchObject({
      code: "TPC_FORBIDDEN",
      message: "no fault injection here",
    });
    expect(await failure(client.nodeView())).toMatchObject({ code: "TPC_PROTOCOL" });
    expect(await failure(client.rows())).toMatchObject({ code: "TPC_UNREACHABLE", sent: true });
  });

  test("a snapshot larger than a frame between nodes arrives", async () => {
    const note = "n".repeat(2 * 1024 * 1024);
    const rig = await startNode((message) =>
      message.type === "subscribe"
        ? { type: "snapshot", snapshot: snapshotOf(nodeView("coordinator", { alarms: [note] }), 0) }
        : null,
    );
    const client = await open(rig);
    const snapshot = await new Promise((resolve) =>
      client.subscribe({ snapshot: resolve, events: () => {} }),
    );
    expect(snapshot).toMatchObject({ node: { alarms: [note] } });
  });
});

async function listenOn(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  afterTest(() => server.close());
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  return `ws://127.0.0.1:${address.port}`;
}
