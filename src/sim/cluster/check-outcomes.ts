import { parseTransactionId } from "../../core/ids.ts";
import type { NodeName, RequestId, StoreId, TransactionId } from "../../schema/ids.ts";
import type { ProtocolMessage } from "../../schema/protocol.ts";
import type { CommitRecord, CommittedRecord, LogRecord } from "../../schema/records.ts";
import type { OutcomeMessage } from "../../schema/session.ts";
import type { Books } from "./books.ts";
import type { Report } from "./violations.ts";
import type { Checker, Run } from "./witness.ts";

/** What was seen of one transaction, whatever node it happened at. */
interface Seen {
  /** How participants have ended it, and in which store that stands, unless it was lost before anybody heard of it. */
  readonly ends: {
    readonly name: NodeName;
    readonly storeId: StoreId;
    readonly type: "committed" | "aborted";
  }[];
  /** A message or an answer has said that it is aborted. */
  isAbortSaid: boolean;
  /** Which stores have said that they decided to abort it: what a store has said is gone with it. */
  readonly abortDecided: { readonly name: NodeName; readonly storeId: StoreId }[];
  isByHand: boolean;
}

export interface OutcomeChecker extends Checker {
  /** True when an operator has had a hand in a transaction of the request. */
  isByHand(requestId: RequestId): boolean;
  /** A client has heard an answer. It asks no more after `aborted`; an answer that was lost binds nobody. */
  heard(outcome: OutcomeMessage): void;
  /** Transactions of the request that are committed, by what was seen on disk. */
  commitsOf(requestId: RequestId): ReadonlySet<TransactionId>;
}

/**
 * Nobody ends differently (I1); a commit rests on what is on disk (I2), and so does a `yes` (I6); what was said or is on
 * disk stays, and a request commits once (I4); nobody is told of a commit before it is on disk (I5); and no abort is said
 * where a commit may stand (I7). Stores that were lost are excepted from I1: what they had said is gone with them.
 */
export function createOutcomeChecker(
  books: Books,
  report: Report,
  isLost: (name: NodeName) => boolean,
  isReader: (requestId: RequestId) => boolean,
): OutcomeChecker {
  const seen = new Map<TransactionId, Seen>();
  const requests = new Map<
    RequestId,
    {
      readonly commits: Set<TransactionId>;
      /** Those, and those that were lost with the only store that had them: of these, too, it may be told. */
      readonly everCommitted: Set<TransactionId>;
      isAbortTold: boolean;
      isByHand: boolean;
    }
  >();

  const seenOf = (id: TransactionId): Seen => {
    const known = seen.get(id);
    if (known) return known;
    const made: Seen = { ends: [], isAbortSaid: false, abortDecided: [], isByHand: false };
    seen.set(id, made);
    return made;
  };
  const requestOf = (id: RequestId) => {
    const known = requests.get(id) ?? {
      commits: new Set<TransactionId>(),
      everCommitted: new Set<TransactionId>(),
      isAbortTold: false,
      isByHand: false,
    };
    requests.set(id, known);
    return known;
  };
  const commitOf = (id: TransactionId) => books.of(storeOf(id)).find("commit", id);
  const endsOf = (id: TransactionId, type: "committed" | "aborted"): readonly NodeName[] =>
    seenOf(id)
      .ends.filter((end) => end.type === type && books.of(end.storeId).find(type, id))
      .map(({ name }) => name);
  const votersOf = (id: TransactionId) => commitOf(id)?.record.voters ?? [];
  const committersOf = (id: TransactionId): readonly NodeName[] => [
    ...endsOf(id, "committed"),
    ...votersOf(id).map(({ name }) => name),
  ];

  const noteCommit = (run: Run, requestId: RequestId, id: TransactionId) => {
    const request = requestOf(requestId);
    // With a store what it had committed alone is lost, and may be asked for again.
    for (const other of request.commits) if (committersOf(other).every(isLost)) request.commits.delete(other);
    request.commits.add(id);
    request.everCommitted.add(id);
    if (request.commits.size > 1)
      report("I4", `${requestId} commits more than once: ${[...request.commits].join(", ")}`);
    if (request.isAbortTold)
      report("I4", `${requestId} commits at ${run.name}, and a client was told that it is aborted`);
    const { isAbortSaid, abortDecided } = seenOf(id);
    const isGone = (said: Pick<Run, "name" | "storeId">) =>
      said.name === run.name && said.storeId !== run.storeId;
    if (isAbortSaid || !abortDecided.every(isGone))
      report("I4", `${id} commits at ${run.name}, and somebody was told that it is aborted`);
  };

  const noteEnd = (
    run: Run,
    { type, transactionId: id }: Extract<LogRecord, { type: "committed" | "aborted" }>,
  ) => {
    const entry = seenOf(id);
    entry.ends.push({ name: run.name, storeId: run.storeId, type });
    if (entry.isByHand || isLost(run.name)) return;
    const [other] = endsOf(id, type === "committed" ? "aborted" : "committed").filter(
      (name) => !isLost(name),
    );
    if (other) report("I1", `${id} is ${type} at ${run.name}, and not at ${other}`);
    if (type === "aborted" && votersOf(id).some(({ name }) => name === run.name))
      report("I1", `${run.name} aborts ${id}, which is to be committed`);
  };

  const checkCommitted = (run: Run, { transactionId: id, onePhase }: CommittedRecord) => {
    if (!onePhase && !commitOf(id)?.isDurable && !isLost(parseTransactionId(id).coordinatorName))
      report("I2", `${run.name} commits ${id}, which its coordinator has not on disk`);
  };

  const checkVoters = (id: TransactionId, { voters }: CommitRecord) => {
    for (const { name, preparedAt } of voters) {
      const prepared = books.of(preparedAt.storeId).find("prepared", id);
      if (!prepared?.isDurable || prepared.seq !== preparedAt.seq)
        report(
          "I2",
          `${id} is committed, and ${name} has no prepared record at ${preparedAt.epoch}:${preparedAt.seq}`,
        );
    }
  };

  /** To whom it is over with a commit on disk, a stale abort means nothing. */
  const isOver = (id: TransactionId) => {
    const voters = votersOf(id);
    return (
      voters.length > 0 &&
      voters.every(
        ({ name, preparedAt: { storeId } }) =>
          isLost(name) || books.of(storeId).find("committed", id)?.isDurable,
      )
    );
  };

  const checkAbort = (run: Run, id: TransactionId) => {
    const entry = seenOf(id);
    if (isOver(id) || entry.isByHand) return;
    entry.isAbortSaid = true;
    if (commitOf(id) && !isLost(parseTransactionId(id).coordinatorName))
      report("I7", `${run.name} says abort of ${id}, whose commit record stands`);
  };

  const sent = (run: Run, _to: NodeName, message: ProtocolMessage) => {
    const { transactionId: id } = message;
    const book = books.of(run.storeId);
    switch (message.type) {
      case "vote": {
        if (message.vote !== "yes") return;
        const prepared = book.find("prepared", id);
        const isThere = prepared?.isDurable && prepared.seq === message.preparedAt?.seq;
        if (!isThere) report("I6", `${run.name} votes yes to ${id} before that is on disk`);
        if (prepared && (prepared.record.redo.length === 0 || prepared.record.undo.length === 0))
          report("I6", `${run.name} votes yes to ${id} without redo and undo`);
        return;
      }
      case "commit": {
        const commit = book.find("commit", id);
        if (commit?.isDurable) checkVoters(id, commit.record);
        else report("I2", `${run.name} says commit of ${id} before that is on disk`);
        return;
      }
      case "abort":
        return checkAbort(run, id);
      case "inquiry-answer":
        if (message.answer === "abort") checkAbort(run, id);
        if (message.answer === "commit" && !commitOf(id)?.isDurable)
          report("I2", `${run.name} answers commit of ${id}, which its coordinator has not on disk`);
        return;
      case "ack":
        if (!book.find("committed", id)?.isDurable && !seenOf(id).isByHand)
          report("I5", `${run.name} acks ${id} before that is on disk`);
        return;
      case "decided": {
        const isDurable = book.find(message.outcome, id)?.isDurable === true;
        if (message.outcome === "committed" && !isDurable)
          report("I5", `${run.name} says that it has decided commit of ${id} before that is on disk`);
        if (message.outcome === "aborted") {
          seenOf(id).abortDecided.push({ name: run.name, storeId: run.storeId });
          if (book.find("committed", id))
            report("I7", `${run.name} says abort of ${id}, which it has committed`);
        }
        return;
      }
      default:
    }
  };

  const noteByHand = (run: Run, id: TransactionId) => {
    seenOf(id).isByHand = true;
    const book = books.of(run.storeId);
    const requestId = (book.find("prepared", id) ?? book.find("commit", id))?.record.requestId;
    if (requestId) requestOf(requestId).isByHand = true;
  };

  const forcedUpTo = new Map<StoreId, number>();
  const noteDurable = (run: Run) => {
    const { written, forcedSeq } = books.of(run.storeId);
    const from = forcedUpTo.get(run.storeId) ?? 0;
    for (let at = written.length - 1; at >= 0; at -= 1) {
      const entry = written[at];
      if (entry === undefined || entry.seq <= from) break;
      if (entry.seq > forcedSeq()) continue;
      const { record } = entry;
      if (record.type === "commit") noteCommit(run, record.requestId, record.transactionId);
      if (record.type === "committed" && record.onePhase)
        noteCommit(run, record.onePhase.requestId, record.transactionId);
    }
    forcedUpTo.set(run.storeId, Math.max(from, forcedSeq()));
  };

  return {
    recovered: noteDurable,
    forced: noteDurable,
    appended(run, record) {
      if (record.type === "committed") checkCommitted(run, record);
      if (record.type === "committed" || record.type === "aborted") noteEnd(run, record);
      if (record.type === "heuristic" || record.type === "released") noteByHand(run, record.transactionId);
    },
    sent,
    answered(run, { requestId, outcome, transactionId }) {
      if (outcome !== "committed" || transactionId === null) return;
      const { everCommitted, isByHand } = requestOf(requestId);
      if (!everCommitted.has(transactionId) && !isReader(requestId) && !isByHand)
        report("I5", `${run.name} tells that ${requestId} is committed before that is on disk`);
    },
    heard({ requestId, outcome }) {
      if (outcome !== "aborted") return;
      const request = requestOf(requestId);
      request.isAbortTold = true;
      const [commit] = request.commits;
      if (commit) report("I4", `${requestId} was told to be aborted, and ${commit} has committed`);
    },
    isByHand: (requestId) => requestOf(requestId).isByHand,
    commitsOf: (requestId) => requestOf(requestId).commits,
  };
}

function storeOf(id: TransactionId): StoreId {
  const { coordinatorId } = parseTransactionId(id);
  return coordinatorId.slice(coordinatorId.lastIndexOf("-") + 1) as StoreId;
}
