import type { Timer } from "../../core/effects.ts";
import { describeWithoutTime } from "../../observe/describe.ts";
import type { WatchUpdate } from "../../observe/ports.ts";
import { shortId } from "../../observe/short-id.ts";
import { createLedger } from "../../resources/ledger.ts";
import { SAMPLE_ACCOUNTS, SAMPLE_ITEMS } from "../../resources/sample.ts";
import { createWarehouse } from "../../resources/warehouse.ts";
import { createFaults, type Faults } from "../../runtime/faults.ts";
import { createNode, type Node } from "../../runtime/node.ts";
import type { ClientLink, Clock } from "../../runtime/ports.ts";
import type { NodeId, NodeName, RequestId, StoreId, TransactionId } from "../../schema/ids.ts";
import type { OutcomeMessage, Resolution, SessionMessage } from "../../schema/session.ts";
import type { NodeKind } from "../../schema/views.ts";
import { fingerprintOf } from "../explore/fingerprint.ts";
import { createScriptedDisk, type ScriptedDisk } from "./scripted-disk.ts";
import { createScriptedNetwork, type InFlight } from "./scripted-network.ts";
import { rowsOf, showNode } from "./show-node.ts";
import type { World } from "./world-commands.ts";

interface Member {
  readonly name: NodeName;
  readonly kind: NodeKind;
  /** The store it began with, which the ids of its first transactions carry. */
  readonly firstStoreId: StoreId;
  storeId: StoreId;
  disk: ScriptedDisk;
  epoch: number;
  /** How far its wall clock is off. */
  wallOffsetMs: number;
  node: Node | null;
  faults: Faults | null;
}

interface ScriptedTimer {
  readonly dueMs: number;
  readonly owner: string;
  /** Null where it is none of the core's. */
  readonly what: Timer | null;
  readonly fire: () => void;
}

/** Events that only bring figures up to date. */
const FIGURES: ReadonlySet<string> = new Set(["transaction-changed", "rows-changed", "injected-changed"]);

/** Thrown where a fault ends a process; what the process was doing is not finished. */
const CRASHED = Symbol("crashed");

export function createWorld(): World {
  const members = new Map<string, Member>();
  const cuts = new Set<string>();
  const network = createScriptedNetwork();
  const jobs: { readonly run: () => void }[] = [];
  let timers: ScriptedTimer[] = [];
  const told: OutcomeMessage[] = [];
  const updates: WatchUpdate[] = [];
  /** When each request was first sent; it says so wherever it is sent again. */
  const issued = new Map<string, number>();
  let lines: string[] = [];
  let nowMs = 0;
  let stores = 0;

  const say = (line: string) => void lines.push(line);
  const memberOf = (name: string): Member => {
    const member = members.get(name);
    if (!member) throw new Error(`no node ${name}`);
    return member;
  };
  const pairOf = (one: string, other: string) => [one, other].sort().join(" ");
  const isLinked = (one: string, other: string) =>
    memberOf(one).node !== null && memberOf(other).node !== null && !cuts.has(pairOf(one, other));
  const newStore = (): StoreId => {
    stores += 1;
    return String(stores).padStart(12, "0") as StoreId;
  };

  const guarded = (name: string, run: () => void) => {
    try {
      run();
    } catch (error) {
      if (error !== CRASHED) throw error;
      end(name, 0);
    }
  };

  const runJobs = () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) job.run();
  };

  const clockOf = (name: string): Clock => {
    const epoch = memberOf(name).epoch;
    const isAlive = () => memberOf(name).node !== null && memberOf(name).epoch === epoch;
    const whileAlive = (run: () => void) => () => void (isAlive() && guarded(name, run));
    const cancel = (planned: object) => {
      timers = timers.filter((each) => each !== planned);
    };
    return {
      nowMs: () => nowMs,
      wallMs: () => nowMs + memberOf(name).wallOffsetMs,
      schedule(delayMs, run) {
        const planned = { dueMs: nowMs + delayMs, owner: name, what: null, fire: whileAlive(run) };
        timers.push(planned);
        return () => cancel(planned);
      },
      setAlarm(delayMs, ring, what) {
        const fire = whileAlive(() => ring(what));
        const planned = { dueMs: nowMs + delayMs, owner: name, what, fire };
        timers.push(planned);
        return planned;
      },
      cancelAlarm: cancel,
      defer: (run) => void jobs.push({ run: () => isAlive() && guarded(name, run) }),
    };
  };

  const boot = (member: Member) => {
    const { name, kind, storeId } = member;
    member.epoch += 1;
    const epoch = member.epoch;
    const { log, recovered } = member.disk.open((job) =>
      jobs.push({ run: () => member.node && member.epoch === epoch && guarded(name, job) }),
    );
    const faults = createFaults(() => {
      throw CRASHED;
    });
    const resource =
      kind === "warehouse"
        ? createWarehouse(SAMPLE_ITEMS)
        : kind === "ledger"
          ? createLedger(SAMPLE_ACCOUNTS)
          : null;
    const node = createNode({
      name,
      kind,
      storeId,
      pid: 1,
      clock: clockOf(name),
      random: { next: () => 1 },
      log,
      recovered,
      resource,
      digest: fingerprintOf,
      faults,
      reach: null,
      knownNodes: [],
      keepNodes: () => {},
      report: () => {},
    });
    member.node = node;
    member.faults = faults;
    node.start({
      url: `ws://${name}`,
      network: {
        send: (to, _url, message) => network.send({ from: name, to, message }, isLinked(name, to)),
        flush: () => {},
      },
      dial: () => {},
      announce: () => {},
      setLinkFault: () => {},
    });
    node.handlers.client(watcherOf(name), { type: "subscribe" });
    for (const other of members.values()) if (other !== member) link(member, other);
    runJobs();
  };

  const link = (one: Member, other: Member) => {
    if (!isLinked(one.name, other.name)) return;
    one.node?.handlers.peerUp(helloOf(other));
    other.node?.handlers.peerUp(helloOf(one));
  };

  const unlink = (one: string, other: string) => {
    memberOf(one).node?.handlers.peerDown(other as NodeName);
    memberOf(other).node?.handlers.peerDown(one as NodeName);
  };

  const helloOf = ({ name, kind, storeId, epoch }: Member) => {
    return { name, kind, nodeId: `${name}-${storeId}` as NodeId, storeId, epoch, url: `ws://${name}` };
  };

  const watcherOf = (name: string): ClientLink => ({
    send(message: SessionMessage) {
      if (message.type === "snapshot" || message.type === "events") updates.push(message);
      if (message.type !== "events") return;
      for (const event of message.events) {
        if (event.body.type === "peer-changed" || event.body.type === "message-received") continue;
        if (FIGURES.has(event.body.type)) continue;
        if (event.body.type === "client-answered") continue; // The client says it itself.
        say(describeWithoutTime(event, true));
      }
    },
    bufferedBytes: () => 0,
    close: () => say(`${name} closed its watcher`),
  });

  const client: ClientLink = {
    send(message) {
      if (message.type !== "outcome") return;
      told.push(message);
      const id = message.transactionId ? shortId(message.transactionId, true) : "no transaction";
      const reason = message.reason ? `, ${message.reason.code}: ${message.reason.message}` : "";
      const results = message.results.length > 0 ? ` ${JSON.stringify(message.results)}` : "";
      const line = `client < ${message.requestId} ${message.outcome} by ${id}, attempt ${message.attempts}${reason}${results}`;
      jobs.push({ run: () => say(line) }); // Behind what the node tells its watchers at the end of the turn.
    },
    bufferedBytes: () => 0,
    close: () => {},
  };

  const end = (name: string, kept: number) => {
    const member = memberOf(name);
    if (!member.node) return;
    member.node.halt();
    member.node = null;
    member.faults = null;
    member.disk.crash(kept);
    timers = timers.filter(({ owner }) => owner !== name);
    // What it had sent is on its way; what was sent to it is lost.
    network.loseWhere(({ to }) => to === name);
    say(`${name} crashed`);
    for (const other of members.values())
      if (other !== member && !cuts.has(pairOf(name, other.name))) unlink(name, other.name);
  };

  /** `NAME:EPOCH.COUNTER`, or without a name of the first node. */
  const transactionAt = (place: string): TransactionId => {
    const [counters = "", owner = [...members.keys()][0] ?? ""] = place.split(":").reverse();
    return `${owner}-${memberOf(owner).firstStoreId}.${counters}` as TransactionId;
  };

  const arrive = ({ from, to, message }: InFlight) => {
    memberOf(to).node?.handlers.protocol(from, [message]);
    runJobs();
  };

  const deliver = (count: number) => {
    runJobs();
    for (let left = count; left > 0; left -= 1) {
      const next = network.take();
      if (!next) return;
      arrive(next);
    }
  };

  return {
    addNode(name, kind) {
      const storeId = newStore();
      const member: Member = {
        name: name as NodeName,
        kind,
        firstStoreId: storeId,
        storeId,
        disk: createScriptedDisk(),
        epoch: 0,
        wallOffsetMs: 0,
        node: null,
        faults: null,
      };
      members.set(name, member);
      boot(member);
    },
    begin(name, { requestId, operations, timeoutMs, isAgain }) {
      const issuedAtMs = issued.get(requestId) ?? 1 + nowMs;
      issued.set(requestId, issuedAtMs);
      const request = {
        requestId: requestId as RequestId,
        issuedAtMs,
        operations: [...operations],
        timeoutMs,
        isFirstSend: !isAgain,
      };
      memberOf(name).node?.handlers.client(client, { type: "begin", ...request });
      runJobs();
    },
    deliver,
    onTheWay: network.size,
    touch(index, what) {
      const message = network.at(index);
      if (!message) return;
      if (what === "double") return network.double(message);
      network.takeAt(index);
      if (what === "deliver") arrive(message);
    },
    pass: (type, from, to, place) => arrive(network.everSent(type, from, to, place)),
    hold: network.hold,
    drop: (type, to) => say(`lost: ${network.drop(type, to).from} > ${to} ${type.toUpperCase()}`),
    duplicate(type, to) {
      const found = network.find(type, to);
      network.double(found);
      say(`doubled: ${found.from} > ${to} ${type.toUpperCase()}`);
    },
    sync(name) {
      guarded(name, memberOf(name).disk.sync);
      runJobs();
    },
    lie: (name, records) => memberOf(name).disk.lie(records),
    fire(name, timer) {
      const at = timers.findIndex(
        ({ owner, what }) => owner === name && what !== null && `${what.kind} ${what.id}` === timer,
      );
      const [due] = at < 0 ? [] : timers.splice(at, 1);
      if (!due) throw new Error(`${name} runs no timer ${timer}`);
      due.fire();
      runJobs();
    },
    holdForce(name, isHeld) {
      guarded(name, () => memberOf(name).disk.hold(isHeld));
      runJobs();
    },
    space(name, mebibytes) {
      memberOf(name).disk.space(mebibytes * 2 ** 20, mebibytes < 64);
      runJobs();
    },
    advance(milliseconds) {
      const untilMs = nowMs + milliseconds;
      for (;;) {
        timers.sort((one, other) => one.dueMs - other.dueMs);
        const next = timers[0];
        if (!next || next.dueMs > untilMs) break;
        timers.shift();
        nowMs = next.dueMs;
        next.fire();
        deliver(Number.POSITIVE_INFINITY);
      }
      nowMs = untilMs;
    },
    jump(name, milliseconds) {
      memberOf(name).wallOffsetMs += milliseconds;
    },
    crash: end,
    restart(name) {
      const member = memberOf(name);
      if (!member.node) boot(member);
    },
    lose(name, records) {
      end(name, 0);
      memberOf(name).disk.lose(records);
    },
    wipe(name) {
      const member = memberOf(name);
      member.storeId = newStore();
      member.disk = createScriptedDisk();
      member.epoch = 0;
      say(`${name} has a new, empty store`);
    },
    partition(one, other) {
      network.loseWhere(({ from, to }) => pairOf(from, to) === pairOf(one, other));
      unlink(one, other);
      cuts.add(pairOf(one, other));
      runJobs();
    },
    heal(one, other) {
      cuts.delete(pairOf(one, other));
      link(memberOf(one), memberOf(other));
      runJobs();
    },
    arm: (name, fault) => memberOf(name).faults?.arm(fault, 1),
    checkpoint(name) {
      void memberOf(name).node?.checkpoint();
      runJobs();
    },
    resolve(name, place, action, acceptHazard) {
      const transactionId = transactionAt(place);
      const link: ClientLink = {
        send(message) {
          if (message.type !== "reply") return;
          const { accepted, text } = message.value as Resolution;
          jobs.push({ run: () => say(`operator < ${name} ${accepted ? "done" : "refused"}: ${text}`) });
        },
        bufferedBytes: () => 0,
        close: () => {},
      };
      const words = { queryId: 0, transactionId, action, by: "ann", reason: "told by phone", acceptHazard };
      guarded(name, () =>
        memberOf(name).node?.handlers.client(link, { type: "resolve", ...words, preview: false }),
      );
      runJobs();
    },
    show() {
      for (const { name, node } of members.values()) say(`${name}: ${node ? showNode(node) : "down"}`);
    },
    view: (name) => memberOf(name).node?.view() ?? null,
    rows(name) {
      const node = memberOf(name).node;
      return node ? rowsOf(node) : null;
    },
    logOf: (name) => memberOf(name).disk.records(),
    outcomes: () => told,
    updates: () => updates,
    takeLines() {
      const taken = lines;
      lines = [];
      return taken;
    },
  };
}
