import type { NodeName } from "../../schema/ids.ts";
import type { Entry, Envelope, Process } from "./process.ts";

/*
 * What the invariants look at, gathered once for each process state and each set of messages. A set of transactions is
 * a number with one bit for each.
 */

/** Transactions, by the order in which they were first met. */
export type BitOf = (transactionId: string) => number;

/** What one process has on disk, has in mind, and has told. */
export interface ProcessFacts {
  /** On disk: `prepared`. */
  readonly prepared: number;
  /** On disk or carried out: `committed`, after `prepared` or by one phase. */
  readonly committed: number;
  readonly committedOnePhase: number;
  /** Carried out: `aborted`, in mind or on record, on disk or not yet: it may be forgotten the moment it is done. */
  readonly aborted: number;
  /** On disk: the coordinator's `commit`, and for each participant where it is a voter. */
  readonly decided: number;
  readonly decidedWith: Readonly<Record<string, number>>;
  readonly toldCommitted: number;
  readonly toldAborted: number;
  readonly requestCommits: number;
  /** What is wrong with the process alone, in words. */
  readonly faults: readonly string[];
}

export function factsOf(process: Process, bitOf: BitOf): ProcessFacts {
  const onDisk = process.log.slice(0, process.forcedCount);
  const decided = transactionsOf(onDisk, "commit", bitOf);
  const told = (outcome: string) =>
    union(
      process.told.flatMap((text) =>
        text.startsWith(`${outcome} `) ? [bitOf(text.slice(outcome.length + 1))] : [],
      ),
    );
  return {
    prepared: transactionsOf(onDisk, "prepared", bitOf),
    committed: transactionsOf(onDisk, "committed", bitOf) | inPhase(process, ["committed"], bitOf),
    committedOnePhase: union(
      onDisk.flatMap(({ record }) =>
        record.type === "committed" && record.onePhase ? [bitOf(record.transactionId)] : [],
      ),
    ),
    aborted: transactionsOf(process.log, "aborted", bitOf) | inPhase(process, ["aborted", "aborting"], bitOf),
    decided,
    decidedWith: votersOf(onDisk, bitOf),
    toldCommitted: told("committed"),
    toldAborted: told("aborted"),
    requestCommits: countBits(decided),
    faults: [...process.alarms, ...tokenFaults(process)],
  };
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

/** What is kept must be what the transactions in mind and on record say: held where prepared, posted where committed. */
function tokenFaults({ node, log, tokens, isParticipant }: Process): string[] {
  if (!node || !isParticipant) return [];
  let held = 0;
  const posted = new Set(
    log.flatMap(({ record }) => (record.type === "committed" ? [record.transactionId] : [])),
  );
  for (const [transactionId, state] of node.participant.transactions) {
    const isHolding = state.phase === "prepared" || (state.phase === "working" && !state.job.onePhase);
    if (isHolding && state.work && !(state.phase === "prepared" && state.isPerforming)) held += 1;
    if (state.phase === "performing") posted.add(transactionId);
  }
  if (tokens.held === held && tokens.posted === posted.size) return [];
  return [`${tokens.held} held and ${tokens.posted} posted, where it should be ${held} and ${posted.size}`];
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

export function messageFactsOf(envelopes: readonly Envelope[], bitOf: BitOf): MessageFacts {
  const of = (passes: (envelope: Envelope) => boolean) =>
    union(envelopes.flatMap((envelope) => (passes(envelope) ? [bitOf(envelope.message.transactionId)] : [])));
  const names = [...new Set(envelopes.map(({ from }) => from))];
  const byName = (passes: (envelope: Envelope, name: NodeName) => boolean) =>
    Object.fromEntries(names.map((name) => [name, of((each) => each.from === name && passes(each, name))]));
  return {
    yes: byName(({ message }) => message.type === "vote" && message.vote === "yes"),
    readOnly: byName(({ message }) => message.type === "vote" && message.vote === "read-only"),
    acks: byName(({ message }) => message.type === "ack"),
    commits: of(({ message }) => message.type === "commit"),
    aborts: of(({ message }) => message.type === "abort"),
  };
}

function union(bits: readonly number[]): number {
  return bits.reduce((all, bit) => all | bit, 0);
}

function countBits(bits: number): number {
  return bits.toString(2).replaceAll("0", "").length;
}
