import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../src/client/connect.ts";
import { dialRaw, hello, nodeName, type RawPeer, STORES, until } from "../drivers/wire/rig.ts";
import { DELIVERY, startTarget, type Target, withstand } from "./target.ts";

// Goal: a frame that was recorded on an earlier link, of this run or of one before, and comes again on a new link whose end has proved
// that it is that peer, is answered as the protocol says and changes nothing: no record, no reservation, no stock.

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.remove());

interface Said {
  readonly type: string;
  readonly transactionId: string;
  readonly [field: string]: unknown;
}

/** A peer that is known to the node at `url` by its name, its store and its run. */
async function link(url: string, name: string, kind: string, epoch: number): Promise<RawPeer> {
  const peer = await dialRaw(url);
  peer.socket.on("ping", (payload) => peer.socket.pong(payload));
  peer.say(hello({ name: nodeName(name), kind, epoch } as never, { token: target.token }));
  await until(() => peer.received.length > 0, "a greeting");
  return peer;
}

/** The first of what a peer has heard, from the message of that number on, that passes. */
async function heard(peer: RawPeer, what: string, passes: (said: Said) => boolean, from = 0): Promise<Said> {
  const find = () => (peer.received.slice(from) as unknown as Said[]).find(passes);
  await until(() => find() !== undefined, what);
  return find() as Said;
}

/** Sends a message and resolves with what the node says of its transaction next. */
function ask(peer: RawPeer, message: Said): Promise<Said> {
  const from = peer.received.length;
  peer.say(message);
  const { transactionId } = message;
  return heard(
    peer,
    `an answer about ${transactionId}`,
    (said) => said.transactionId === transactionId,
    from,
  );
}

test("a participant's frames come again, on a new link and to the coordinator's next run", async () => {
  const { coordinator } = target.nodes;
  const dial = () => link(coordinator.url, "shop", "warehouse", 1);
  const client = await dialRaw(coordinator.url);
  client.say(hello(null, { token: target.token }));
  const operations = [
    { participant: "shop", op: "receive", sku: "PEN-01", quantity: 1 },
    { participant: "ledger", op: "read", account: "cash" },
  ];
  const begin = (requestId: string) =>
    client.say({
      type: "begin",
      requestId,
      issuedAtMs: Date.now(),
      operations,
      timeoutMs: 5_000,
      isFirstSend: true,
    });
  const outcome = (requestId: string) =>
    heard(client, "an outcome", (said) => said.type === "outcome" && said.requestId === requestId);

  const first = await dial();
  begin("bought");
  const { transactionId } = await heard(first, "a prepare", ({ type }) => type === "prepare");
  const base = { transactionId, from: "shop" };
  const place = { storeId: STORES.b, epoch: 1, seq: 7 };
  const yes = { ...base, type: "vote", vote: "yes", reason: null, results: [], preparedAt: place };
  const ack = { ...base, type: "ack" };
  expect(await ask(first, yes)).toMatchObject({ type: "commit", preparedAt: place });
  first.say(ack);
  expect(await outcome("bought")).toMatchObject({ outcome: "committed" });

  await withstand(target, "coordinator", async () => {
    const second = await dial();
    second.say(ack);
    // It is over and forgotten, so all have acked: what is presumed can mislead nobody any more.
    expect(await ask(second, yes)).toMatchObject({ type: "abort", runEpoch: 1 });
    begin("refused");
    const next = await heard(second, "a prepare", ({ type }) => type === "prepare");
    second.say(yes, ack);
    const reason = {
      participant: "shop",
      code: "insufficient-stock",
      message: "none left",
      retryable: false,
    };
    const no = { ...yes, transactionId: next.transactionId, vote: "no", reason, preparedAt: null };
    second.say(no);
    expect(await outcome("refused"), "its own vote counts").toMatchObject({ outcome: "aborted" });
  });

  coordinator.child.kill("SIGKILL");
  await coordinator.ended;
  const { host } = new URL(coordinator.url);
  await target.home.node(["coordinator", "--listen", host]);
  const before = await target.durable();
  const third = await dial();
  third.say(ack);
  expect(await ask(third, yes), "by another run").toMatchObject({ type: "abort", runEpoch: 2 });
  expect(await target.durable()).toEqual(before);
});

const branch = (counter: number, epoch = 1) => `branch-${STORES.b}.${epoch}.${counter}`;
const floor = (counter: number, epoch = 1) => ({ epoch, counter });

interface Run {
  readonly storeId: string;
  readonly epoch: number;
}

/** What a coordinator named branch says to the warehouse in its run 1. */
function prepareOf(counter: number, to: Run, lowest = counter): Said {
  const names = ["warehouse", "ledger"];
  return {
    type: "prepare",
    transactionId: branch(counter),
    requestId: `branch-${counter}`,
    issuedAtMs: Date.now(),
    digest: `digest-${counter}`,
    operations: DELIVERY.slice(0, 1),
    onePhase: false,
    coordinator: { name: "branch", url: "" },
    participants: names.map((name) => ({ name, url: "" })),
    floor: floor(lowest),
    toStore: to.storeId,
    toEpoch: to.epoch,
  };
}

test("a coordinator's frames come again, on a new link, to its next run's peers, to a participant that has restarted, and to one whose disk is lost", async () => {
  const { url } = target.nodes.warehouse;
  const dial = (epoch: number, to = url) => link(to, "branch", "coordinator", epoch);
  const first = await dial(1);
  const [{ node }] = first.received as unknown as [{ node: Run }];
  const [prepare, lost] = [prepareOf(1, node), prepareOf(2, node)];
  const yes = await ask(first, prepare);
  expect(yes).toMatchObject({ type: "vote", vote: "yes", preparedAt: { storeId: node.storeId } });
  const { preparedAt } = yes;
  const commit = { type: "commit", transactionId: branch(1), runEpoch: 1, floor: floor(2), preparedAt };
  expect(await ask(first, commit)).toMatchObject({ type: "ack" });

  await withstand(target, "warehouse", async () => {
    const second = await dial(1);
    const stale = { type: "vote", vote: "no", reason: { code: "stale-prepare" } };
    expect(await ask(second, prepare), "the floor has passed it").toMatchObject(stale);
    expect(await ask(second, commit), "it is committed").toMatchObject({ type: "ack" });
    second.say({ type: "abort", transactionId: branch(1), runEpoch: 1, floor: floor(2) });
    expect(await ask(second, commit), "and stays so").toMatchObject({ type: "ack" });

    // This one has never arrived: only the run that it is of stands against it.
    const third = await dial(2);
    expect(await ask(third, lost), "its run is over").toMatchObject(stale);
    const old = await dialRaw(url);
    old.say(
      hello({ name: nodeName("branch"), kind: "coordinator", epoch: 1 }, { token: target.token }),
      lost,
    );
    await old.closed;
    expect(old.received, "a link of the run that is over").toEqual([
      expect.objectContaining({ code: "old-run" }),
    ]);
  });

  const { stock } = await target.durable();
  const startAgain = () =>
    target.home.node([
      ...["participant", "warehouse", "--listen", "127.0.0.1:0"],
      ...["--coordinator", target.nodes.coordinator.url],
    ]);
  const rowsOf = async (to: string) => {
    const client = await connect(to, { token: target.token });
    const rows = await client.rows();
    client.close();
    return rows;
  };
  target.nodes.warehouse.child.kill("SIGKILL");
  await target.nodes.warehouse.ended;
  const again = await startAgain();
  const fourth = await dial(2, again.url);
  const unheard = { ...prepareOf(1, node), transactionId: branch(1, 2), floor: floor(1, 2) };
  const restarted = { type: "vote", vote: "no", reason: { code: "restarted" } };
  expect(await ask(fourth, unheard), "it was for the run before").toMatchObject(restarted);
  expect(await ask(fourth, commit), "it is on disk").toMatchObject({ type: "ack" });
  expect(await rowsOf(again.url)).toEqual(stock);

  // Its disk is lost: the next store of its name is in its first run, too.
  again.child.kill("SIGKILL");
  await again.ended;
  await rm(join(target.home.dir, "2pc-console", "warehouse"), { recursive: true });
  const another = await startAgain();
  const fifth = await dial(2, another.url);
  const [{ node: anew }] = fifth.received as unknown as [{ node: Run }];
  expect([anew.epoch, anew.storeId === node.storeId], "the same run of another store").toEqual([1, false]);
  const fresh = await rowsOf(another.url);
  const alone = { ...prepareOf(3, node), transactionId: branch(3, 2), floor: floor(3, 2), onePhase: true };
  const decided = { type: "decided", outcome: "aborted", reason: { code: "restarted" } };
  expect(await ask(fifth, alone), "it was for the lost store").toMatchObject(decided);
  expect(await rowsOf(another.url)).toEqual(fresh);
});
