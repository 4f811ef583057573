import { describe, expect, test } from "vitest";
import { createOperator } from "../../src/client/operator.ts";
import type { ClientLink } from "../../src/runtime/ports.ts";
import type { TransactionId } from "../../src/schema/ids.ts";
import type { Begin, Resolve } from "../../src/schema/session.ts";
import {
  afterTest,
  createRecorder,
  nodeName,
  type Rig,
  type RigOptions,
  STORES,
  startRig,
  TOKEN,
  until,
} from "../drivers/wire/rig.ts";
import { outcomeOf } from "./fixtures.ts";

const coordinator = nodeName("coordinator");
const operations = [{ participant: nodeName("ledger"), op: "read" }];

interface Taking {
  readonly rig: Rig;
  readonly begun: { readonly message: Begin; readonly link: ClientLink }[];
}

async function startTaking(options: RigOptions = {}): Promise<Taking> {
  const begun: Taking["begun"] = [];
  const heard = createRecorder((link, type, message) => {
    if (type === "begin") begun.push({ message: message as Begin, link });
    if (type === "arm-fault") {
      const { queryId } = message as { queryId: number };
      link.send({
        type: "reply",
        queryId,
        value: null,
        error: { code: "TPC_FORBIDDEN", message: "not here" },
      });
    }
    if (type === "resolve") {
      const { queryId, transactionId, preview } = message as Resolve;
      const text = preview ? "would do it" : "done";
      const value = { transactionId, node: coordinator, accepted: true, text, mayBreakAtomicity: true };
      link.send({ type: "reply", queryId, value, error: null });
    }
  });
  return { rig: await startRig("coordinator", { ...options, heard }), begun };
}

function operate(url: string, token = TOKEN) {
  const urls = new Map([[coordinator, url]]);
  const operator = createOperator({
    urls,
    coordinator,
    token,
    timing: { backoffMinMs: 5, backoffMaxMs: 20 },
  });
  afterTest(() => operator.close());
  return operator;
}

/** The node's answer with the time that the caller has waited, which is never the node's own 1 ms here. */
const waitedFor = (requestId: string) => ({
  ...outcomeOf(requestId),
  durationMs: expect.toSatisfy((ms: unknown) => typeof ms === "number" && ms > 0 && ms !== 1),
});

describe("a submitted request", () => {
  test("is answered with its outcome, over one connection for all of them", async () => {
    const { rig, begun } = await startTaking();
    const operator = operate(rig.wire.url);
    const outcomes = Promise.all(
      ["one", "two"].map((requestId) => operator.submit({ requestId, operations, timeoutMs: 5_000 })),
    );
    await until(() => begun.length === 2, "both have arrived");
    expect(begun.map(({ message }) => message.isFirstSend)).toEqual([undefined, undefined]);
    for (const { message, link } of begun) link.send(outcomeOf(message.requestId));
    expect(await outcomes).toEqual([waitedFor("one"), waitedFor("two")]);
    expect(rig.heard.clients).toHaveLength(1);
  });

  test("is sent again after a restart of the node, as the same request", async () => {
    const first = await startTaking();
    const port = Number(new URL(first.rig.wire.url).port);
    const outcome = operate(first.rig.wire.url).submit({
      requestId: "one",
      operations,
      timeoutMs: 60_000,
      isNew: true,
    });
    await until(() => first.begun.length === 1, "it has arrived");
    await first.rig.wire.close();
    const second = await startTaking({ port, epoch: 2 });
    await until(() => second.begun.length === 1, "it has arrived again");
    const [before, after] = [first.begun[0]?.message, second.begun[0]?.message];
    expect(after?.requestId).toBe(before?.requestId);
    expect(after?.issuedAtMs).toBe(before?.issuedAtMs);
    expect(after?.operations).toEqual(before?.operations);
    expect([before?.isFirstSend, after?.isFirstSend]).toEqual([true, undefined]);
    expect(after?.timeoutMs).toBeLessThanOrEqual(before?.timeoutMs ?? 0);
    second.begun[0]?.link.send(outcomeOf("one"));
    expect(await outcome).toEqual(waitedFor("one"));
  });

  test("is unknown when its time is over, whether the node is silent or not there", async () => {
    const { rig } = await startTaking();
    const operator = operate(rig.wire.url);
    const silent = await operator.submit({ requestId: "one", operations, timeoutMs: 50 });
    expect(silent).toMatchObject({ outcome: "unknown", requestId: "one", transactionId: null });
    await rig.wire.close();
    const absent = await operator.submit({ requestId: "two", operations, timeoutMs: 50 });
    expect(absent).toMatchObject({ outcome: "unknown", requestId: "two" });
  });

  test("with what cannot be mended by waiting is rejected at once", async () => {
    const { rig } = await startTaking();
    const submit = (requestId: string, token?: string, via?: string) =>
      operate(rig.wire.url, token).submit({
        requestId,
        operations,
        timeoutMs: 60_000,
        ...(via === undefined ? {} : { via: nodeName(via) }),
      });
    await expect(submit("one", "another-token-entirely")).rejects.toMatchObject({ code: "TPC_TOKEN" });
    await expect(submit("one", TOKEN, "nobody")).rejects.toMatchObject({ code: "TPC_USAGE" });
    await expect(submit("two words")).rejects.toMatchObject({ code: "TPC_BAD_INPUT" });
  });
});

test("a fault that a node refuses to arm is told with the node's own code", async () => {
  const { rig } = await startTaking();
  const arming = operate(rig.wire.url).armFault(coordinator, "vote-no", 1);
  await expect(arming).rejects.toMatchObject({ code: "TPC_FORBIDDEN", message: "not here" });
});

describe("settling by hand", () => {
  const request = {
    transactionId: `coordinator-${STORES.a}.1.1` as TransactionId,
    action: "abort",
    reason: "goods are back",
    by: "ann",
    acceptHazard: false,
  } as const;

  test("a node's preview and its answer come back as the node gave them", async () => {
    const { rig } = await startTaking();
    const operator = operate(rig.wire.url);
    const preview = await operator.resolve(coordinator, { ...request, preview: true });
    expect(preview).toMatchObject({ node: "coordinator", text: "would do it", mayBreakAtomicity: true });
    expect(await operator.resolve(coordinator, { ...request, preview: false })).toMatchObject({
      text: "done",
    });
  });

  test("a node that cannot be asked, or a reason that says nothing, is told with its code", async () => {
    const { rig } = await startTaking();
    const operator = operate(rig.wire.url);
    const silent = operator.resolve(coordinator, { ...request, reason: "", preview: true });
    await expect(silent).rejects.toMatchObject({ code: "TPC_BAD_INPUT" });
    await rig.wire.close();
    const away = operator.resolve(coordinator, { ...request, preview: true });
    await expect(away).rejects.toMatchObject({ code: "TPC_UNREACHABLE" });
  });
});
