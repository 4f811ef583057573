import { expect, test } from "vitest";
import { SNAPSHOT_RULES } from "../../src/conform/log-rules.ts";
import { createMonitor } from "../../src/conform/monitor.ts";
import { RULES } from "../../src/conform/rules.ts";
import type { EventBody, NodeEvent } from "../../src/schema/events.ts";
import type { NodeName, RequestId, TransactionId } from "../../src/schema/ids.ts";
import { type Tampering, tamperWith } from "./tampering.ts";

// Goal: each rule finds the step that breaks it. A golden trace is changed by hand into one that no protocol allows.

type Said = Extract<EventBody, { type: "message-sent" | "message-received" }>;
type Appended = Extract<EventBody, { type: "record-appended" }>;

const saying =
  (change: (body: Said) => Partial<Said>) =>
  (event: NodeEvent): NodeEvent => {
    const body = event.body as Said;
    return { ...event, body: { ...body, ...change(body) } as EventBody };
  };
const facts = (changes: NonNullable<Said["facts"]>) =>
  saying(({ facts: before }) => ({ facts: { ...before, ...changes } }));
const recording =
  (changes: Partial<Appended>) =>
  (event: NodeEvent): NodeEvent => {
    const body = { ...event.body, ...changes } as Appended;
    return { ...event, body: "seq" in changes ? body : { ...body, seq: body.seq + 1 } };
  };
const of = (from: string, to: string) => (event: NodeEvent) => ({
  ...event,
  transactionId: event.transactionId?.replace(from, to) as TransactionId,
});
const toAbort = saying(() => ({ message: "abort", text: "", facts: {} }));

const FORBIDDEN: Readonly<Record<string, readonly [story: string, tamper: (told: Tampering) => void]>> = {
  "sequence numbers rise by one": [
    "commit",
    (told) => told.edit(/^warehouse \+ committed/, recording({ seq: 7 })),
  ],
  "only what was appended is forced": [
    "commit",
    (told) =>
      told.edit(/^ledger \* prepared/, (event) => ({
        ...event,
        body: { type: "record-forced", record: "prepared", seq: 9 },
      })),
  ],
  "work follows its prepare": ["commit", (told) => told.drop(/^warehouse < coordinator PREPARE/)],
  "a prepare for another run or store is refused": [
    "commit",
    (told) => told.edit(/^warehouse < coordinator PREPARE/, facts({ toEpoch: 7 })),
  ],
  "a prepare below the floor is refused": [
    "commit",
    (told) => told.edit(/^warehouse < coordinator PREPARE/, facts({ floor: { epoch: 1, counter: 2 } })),
  ],
  "an abort before its prepare leaves a tombstone": [
    "commit",
    (told) => told.addBefore(/^warehouse < coordinator PREPARE/, /^warehouse < coordinator PREPARE/, toAbort),
  ],
  "one request is held by one transaction": [
    "two-coordinators",
    (told) => told.edit(/^warehouse < ledger PREPARE/, facts({ requestId: "r1" as RequestId })),
  ],
  "a yes follows its record": ["commit", (told) => told.drop(/^warehouse \* prepared/)],
  "who has aborted does not vote yes": [
    "abort-from-ready-state",
    (told) => told.addAfter(/^warehouse \+ aborted/, /^warehouse > coordinator VOTE/, (event) => event),
  ],
  "a refusal for good is on disk before it is said": [
    "abort-vote-no",
    (told) => told.drop(/^\S+ \* aborted/),
  ],
  "a vote read-only writes nothing and never turns": [
    "read-only",
    (told) =>
      told.addAfter(/VOTE \S+ read-only/, /^ledger \+ prepared/, (event) => ({
        ...recording({ record: "aborted", force: false })(event),
        node: "warehouse" as NodeName,
      })),
  ],
  "a commit is carried out when it is decided": [
    "commit",
    (told) => told.drop(/^warehouse < coordinator COMMIT/),
  ],
  "a participant ends a transaction one way": [
    "commit",
    (told) =>
      told.addAfter(
        /^warehouse \+ committed/,
        /^warehouse \+ committed/,
        recording({ record: "aborted", force: false }),
      ),
  ],
  "who has promised aborts only when told": [
    "abort-from-ready-state",
    (told) => told.drop(/^warehouse < coordinator ABORT/),
  ],
  "an ack follows its record": ["commit", (told) => told.drop(/^warehouse \* committed/)],
  "a decision of one phase follows its record": ["one-phase", (told) => told.drop(/^warehouse \* committed/)],
  "an inquiry is made by who is prepared": [
    "commit",
    (told) =>
      told.addBefore(
        /^warehouse \+ prepared/,
        /^warehouse > coordinator VOTE/,
        saying(() => ({ message: "inquiry", facts: {} })),
      ),
  ],
  "a peer is told what is certain, and an own abort when it is on disk": [
    "peers-all-in-doubt",
    (told) => told.edit(/> \S+ INQUIRY-ANSWER/, facts({ answer: "commit" })),
  ],
  "an operator settles only what is in doubt": [
    "commit",
    (told) =>
      told.addAfter(
        /^warehouse \* committed/,
        /^warehouse \+ committed/,
        recording({ record: "heuristic", facts: { decision: "abort" } }),
      ),
  ],
  "a heuristic ends as the decision says": [
    "heuristic-mixed",
    (told) => told.edit(/\+ heuristic-end/, recording({ seq: 4, facts: { ending: "agreed" } })),
  ],
  "a coordinator speaks of its own store's transactions only": [
    "commit",
    (told) => told.edit(/^coordinator > ledger COMMIT/, of("000000000001", "0000000000ff")),
  ],
  "a run prepares only its own transactions": [
    "commit",
    (told) => told.edit(/^coordinator > ledger PREPARE/, of(".1.1", ".7.1")),
  ],
  "nothing is prepared once it is decided": [
    "commit",
    (told) => told.addAfter(/^coordinator \+ commit/, /^coordinator > ledger PREPARE/, (event) => event),
  ],
  "the floor passes nothing that still collects votes, and never falls": [
    "commit",
    (told) => told.edit(/^coordinator > ledger COMMIT/, facts({ floor: { epoch: 1, counter: 0 } })),
  ],
  "the commit record follows the votes of all": ["commit", (told) => told.drop(/^coordinator < ledger VOTE/)],
  "the commit record names those that voted yes": [
    "commit",
    (told) =>
      told.edit(
        /^coordinator \+ commit/,
        recording({ seq: 2, facts: { voters: ["warehouse" as NodeName] } }),
      ),
  ],
  "a commit is said when its record is on disk": ["commit", (told) => told.drop(/^coordinator \* commit/)],
  "a commit is said to those that voted yes, with the place of their record": [
    "commit",
    (told) =>
      told.edit(
        /^coordinator > ledger COMMIT/,
        saying(({ facts: before }) => ({
          facts: { ...before, preparedAt: { ...must(before?.preparedAt), seq: 99 } },
        })),
      ),
  ],
  "what is decided is never aborted": [
    "commit",
    (told) => told.edit(/^coordinator > ledger COMMIT/, toAbort),
  ],
  "what was aborted is never committed": [
    "commit",
    (told) => told.addBefore(/^coordinator \+ commit/, /^coordinator > ledger PREPARE/, toAbort),
  ],
  "nobody that voted no or read-only is told of an abort unasked": [
    "abort-vote-no",
    (told) =>
      told.addAfter(
        /^coordinator > warehouse ABORT/,
        /^coordinator > warehouse ABORT/,
        saying(() => ({ to: "ledger" as NodeName })),
      ),
  ],
  "a commit is forgotten when all have acked": ["commit", (told) => told.drop(/^coordinator < ledger ACK/)],
  "an inquiry is answered by who has the information": [
    "coordinator-wiped",
    (told) => told.edit(/> \S+ INQUIRY-ANSWER/, facts({ answer: "pending" })),
  ],
  "a request is tried again when the attempt before can no longer commit": [
    "commit",
    (told) => told.addAfter(/^coordinator \+ commit/, /^coordinator > ledger PREPARE/, of(".1.1", ".1.2")),
  ],
  "an answer answers something that was asked": [
    "commit",
    (told) => told.drop(/^coordinator > ledger PREPARE/),
  ],
  "a client hears of a commit when it is durable": [
    "commit",
    (told) => told.addBefore(/^coordinator \* commit/, /^coordinator > client/, (event) => event),
  ],
  "a client hears of an abort only from who knows": [
    "commit",
    (told) =>
      told.edit(/^coordinator > client/, (event) => ({
        ...event,
        body: { ...event.body, outcome: "aborted" } as EventBody,
      })),
  ],
  "no two nodes end a transaction differently": [
    "abort-from-ready-state",
    (told) =>
      told.addAfter(/^ledger \+ aborted/, /^coordinator > client/, (event) => ({
        ...event,
        node: "ledger" as NodeName,
        body: { ...event.body, outcome: "committed" } as EventBody,
      })),
  ],
  "a request commits once": [
    "clock-jumps",
    (told) =>
      told.edit(
        /> client COMMITTED/,
        (event) => ({ ...event, body: { ...event.body, requestId: "r1" } as EventBody }),
        3,
      ),
  ],
  "epochs rise from run to run": [
    "participant-crash-before-ack",
    (told) =>
      told.editSnapshot("ledger", 2, (snapshot) => ({ ...snapshot, node: { ...snapshot.node, epoch: 0 } })),
  ],
  "one process writes to a store": [
    "participant-crash-before-ack",
    (told) =>
      told.editSnapshot("ledger", 2, (snapshot) => ({
        ...snapshot,
        node: { ...snapshot.node, epoch: 1, pid: 2 },
      })),
  ],
  "what was on disk is there after a restart": [
    "participant-crash-before-ack",
    (told) =>
      told.editSnapshot("ledger", 2, (snapshot) => ({
        ...snapshot,
        node: { ...snapshot.node, forcedSeq: 1 },
      })),
  ],
  "recovery turns no outcome": [
    "end-lost",
    (told) =>
      told.editSnapshot("coordinator", 2, (snapshot) => ({
        ...snapshot,
        transactions: snapshot.transactions.map(
          (view) => ({ ...view, phase: "forgotten", outcome: "aborted" }) as typeof view,
        ),
      })),
  ],
};

function must<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("the story lacks what is to be changed");
  return value;
}

test.each(Object.entries(FORBIDDEN))("is found: %s", (rule, [story, tamper]) => {
  const told = tamperWith(`${story}.txt`);
  tamper(told);
  const monitor = createMonitor();
  for (const each of told.heard()) expect(monitor.hear(each)).toBeNull();
  const { violation } = monitor.result();
  expect(violation?.rule, `${violation?.line}: ${violation?.found}`).toBe(rule);
  expect(violation?.found).not.toBe("");
  expect(violation?.allowed).not.toBe("");
});

test("every rule has a step that breaks it", () => {
  const names = [...RULES, ...SNAPSHOT_RULES].map(({ name }) => name);
  expect(Object.keys(FORBIDDEN).sort()).toEqual([...names].sort());
});
