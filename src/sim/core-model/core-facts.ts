import { assertNever } from "../../core/errors.ts";
import type { NodeName } from "../../schema/ids.ts";
import { type Entry, type Envelope, NO_TRANSACTION, type Process } from "./process.ts";
import { tokenFaults } from "./token-faults.ts";

/*
 * What the invariants look at, gathered once for each process state and each set of messages. A set of transactions is
 * a number with one bit for each.
 */

/** Transactions, by the order in which they were first met. */
export type BitOf = (transactionId: string) => number;

/** What one process has on disk, has in mind, and has told. */
export interface ProcessFacts {
  readonly name: NodeName;
  /** On disk: `prepared`, with something to redo and something to undo. */
  readonly prepared: number;
  /** On disk or carried out: `committed`, after `prepared` or by one phase. */
  readonly committed: number;
  readonly committedOnDisk: number;
  readonly committedOnePhase: number;
  /** Carried out: `aborted`, in mind or on record, on disk or not yet: it may be forgotten the moment it is done. */
  readonly aborted: number;
  readonly abortedOnDisk: number;
  /** An operator has settled it here, on record. */
  readonly heuristic: number;
  /** On disk: taken note of, whatever was right. */
  readonly noted: number;
  /** On disk: the coordinator's `commit`, and for each participant where it is a voter. */
  readonly decided: number;
  readonly decidedWith: Readonly<Record<string, number>>;
  /** In the coordinator's mind: not decided yet, or not on disk; and the `yes` it has heard, by participant. */
  readonly open: number;
  readonly heard: Readonly<Record<string, number>>;
  readonly hasBegun: boolean;
  readonly toldCommitted: number;
  readonly toldAborted: number;
  /** A client was told, whatever the transaction. */
  readonly hasToldCommitted: boolean;
  readonly hasToldAborted: boolean;
  /** What is wrong with the process alone, in words. */
  readonly faults: readonly string[];
}

export function factsOf(process: Process, bitOf: BitOf): ProcessFacts {
  const { log, forcedCount, told, alarms, begins } = process;
  const onDisk = log.slice(0, forcedCount);
  const committedOnDisk = transactionsOf(onDisk, "committed", bitOf);
  const isComplete = ({ record }: Entry) =>
    record.type !== "prepared" || (record.redo.length > 0 && record.undo.length > 0);
  return {
    name: process.name,
    prepared: transactionsOf(onDisk.filter(isComplete), "prepared", bitOf),
    committed: committedOnDisk | inPhase(process, ["committed"], bitOf),
    committedOnDisk,
    committedOnePhase: union(
      onDisk.flatMap(({ record }) =>
        record.type === "committed" && record.onePhase ? [bitOf(record.transactionId)] : [],
      ),
    ),
    aborted: transactionsOf(log, "aborted", bitOf) | inPhase(process, ["aborted", "aborting"], bitOf),
    abortedOnDisk: transactionsOf(onDisk, "aborted", bitOf),
    heuristic: transactionsOf(log, "heuristic", bitOf),
    noted: transactionsOf(onDisk, "heuristic-end", bitOf),
    decided: transactionsOf(onDisk, "commit", bitOf),
    decidedWith: votersOf(onDisk, bitOf),
    ...inMindOf(process, bitOf),
    hasBegun: begins > 0,
    toldCommitted: toldOf(told, "committed", bitOf),
    toldAborted: toldOf(told, "aborted", bitOf),
    hasToldCommitted: told.some((text) => text.startsWith("committed ")),
    hasToldAborted: told.some((text) => text.startsWith("aborted ")),
    faults: [...alarms.filter((text) => !isHeuristics(text)), ...tokenFaults(process)],
  };
}

/** Where an operator has decided, the alarm is right. */
function isHeuristics(alarm: string): boolean {
  return /^heuristic mixed:|refuses the commit of \S+ heuristic mixed:/.test(alarm);
}

function transactionsOf(log: readonly Entry[], type: Entry["record"]["type"], bitOf: BitOf): number {
  return union(
    log.flatMap(({ record }) =>
      record.type === type && "transactionId" in record ? [bitOf(record.transactionId)] : [],
    ),
  );
}

function inPhase({ node }: Process, phases: readonly string[], bitOf: BitOf): number {
  if (!node) return 0;
  return union(
    [...node.participant.transactions].flatMap(([id, { phase }]) =>
      phases.includes(phase) ? [bitOf(id)] : [],
    ),
  );
}

function votersOf(log: readonly Entry[], bitOf: BitOf): Record<string, number> {
  const voters: Record<string, number> = {};
  for (const { record } of log) {
    if (record.type !== "commit") continue;
    for (const { name } of record.voters) voters[name] = (voters[name] ?? 0) | bitOf(record.transactionId);
  }
  return voters;
}

function inMindOf({ node }: Process, bitOf: BitOf): Pick<ProcessFacts, "open" | "heard"> {
  let open = 0;
  const heard: Record<string, number> = {};
  for (const [id, { phase, votes }] of node?.coordinator.transactions ?? []) {
    if (phase === "committing") continue;
    open |= bitOf(id);
    for (const { name, vote } of votes) {
      if (vote === "yes") heard[name] = (heard[name] ?? 0) | bitOf(id);
    }
  }
  return { open, heard };
}

function toldOf(told: readonly string[], outcome: string, bitOf: BitOf): number {
  return union(
    told.flatMap((text) => {
      const [word, id = NO_TRANSACTION] = text.split(" ");
      return word === outcome && id !== NO_TRANSACTION ? [bitOf(id)] : [];
    }),
  );
}

/** What has ever been sent: nothing is taken from the network, so its messages are a history as well. */
export interface MessageFacts {
  /** By participant: votes of `yes`, and of `read-only`. */
  readonly yes: Readonly<Record<string, number>>;
  readonly readOnly: Readonly<Record<string, number>>;
  readonly acks: Readonly<Record<string, number>>;
  readonly commits: number;
  readonly aborts: number;
}

/** Nothing was sent yet. */
export function noMessages(names: readonly NodeName[]): MessageFacts {
  const none = Object.fromEntries(names.map((name) => [name, 0]));
  return { yes: none, readOnly: none, acks: none, commits: 0, aborts: 0 };
}

/** The same with one message more. */
export function withMessage(facts: MessageFacts, { from, message }: Envelope, bitOf: BitOf): MessageFacts {
  const bit = bitOf(message.transactionId);
  const add = (bits: Readonly<Record<string, number>>) => ({ ...bits, [from]: (bits[from] ?? 0) | bit });
  switch (message.type) {
    case "vote":
      if (message.vote === "yes") return { ...facts, yes: add(facts.yes) };
      return message.vote === "read-only" ? { ...facts, readOnly: add(facts.readOnly) } : facts;
    case "ack":
      return { ...facts, acks: add(facts.acks) };
    case "commit":
      return { ...facts, commits: facts.commits | bit };
    case "abort":
      return { ...facts, aborts: facts.aborts | bit };
    case "prepare":
    case "inquiry":
    case "inquiry-answer":
    case "decided":
    case "decided-inquiry":
    case "commit-refused":
      return facts;
    default:
      return assertNever(message, "message");
  }
}

/** The same in other names, and with other transactions. */
export function renameMessages(
  facts: MessageFacts,
  rename: (name: string) => string,
  bits: (transactions: number) => number,
): MessageFacts {
  const renamed = (all: Readonly<Record<string, number>>): Record<string, number> => {
    const changed = new Map(Object.entries(all).map(([name, some]) => [rename(name), bits(some)]));
    return Object.fromEntries(Object.keys(all).map((name) => [name, changed.get(name) ?? 0]));
  };
  return {
    yes: renamed(facts.yes),
    readOnly: renamed(facts.readOnly),
    acks: renamed(facts.acks),
    commits: bits(facts.commits),
    aborts: bits(facts.aborts),
  };
}

function union(bits: readonly number[]): number {
  return bits.reduce((all, bit) => all | bit, 0);
}
