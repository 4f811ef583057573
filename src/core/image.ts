import type { Floor, Lsn, NodeId, NodeName, RequestId, TransactionId } from "../schema/ids.ts";
import type { CommitRecord, HeuristicEndRecord, HeuristicRecord, PreparedRecord } from "../schema/records.ts";
import { invariant } from "./errors.ts";
import { heldAsRefused, isGuarded, keepHeld, sliceOf } from "./held-requests.ts";
import { runOf } from "./ids.ts";
import type { HeldRequest, NodeState, RunStartAt, SettledRequest } from "./node-state.ts";
import { newestOutcomes, noteOutcome } from "./outcomes.ts";
import { restorePages, type StoredPage } from "./packed-requests.ts";
import { refusalOf } from "./participant-effects.ts";
import { unpackedRequests } from "./participant-requests.ts";
import type { Heuristic, Job, ParticipantState } from "./participant-state.ts";
import { enterState } from "./participant-tables.ts";
import { replayCommit, replayHeuristic, replayHeuristicEnd, replayPrepared } from "./recovery.ts";
import { OUTCOMES_CHECKPOINTED_MAX, SETTLED_CHECKPOINTED_MAX } from "./settings.ts";

/**
 * What a checkpoint carries of the protocol: the state that replaying every record so far would give,
 * and the floors that allow it to leave finished transactions out.
 */
export interface NodeImage {
  readonly runStarts: readonly RunStartAt[];
  readonly commits: readonly { readonly record: CommitRecord; readonly awaitingAck: readonly NodeName[] }[];
  readonly settled: readonly SettledRequest[];
  readonly prepared: readonly { readonly record: PreparedRecord; readonly at: Lsn }[];
  /** Settled by hand, on top of `prepared`. */
  readonly heuristics: readonly {
    readonly record: HeuristicRecord;
    readonly end: HeuristicEndRecord | null;
  }[];
  readonly finished: readonly {
    readonly transactionId: TransactionId;
    readonly outcome: "committed" | "aborted";
    readonly onePhase: boolean;
  }[];
  /** Requests that are guarded, but for those in the pages that go with the image. */
  readonly held: readonly (readonly [RequestId, HeldRequest])[];
  /** What peers in doubt may ask for, of what the floors have passed; images of earlier versions had none. */
  readonly outcomes?: readonly (readonly [TransactionId, "commit" | "abort"])[];
  readonly floors: readonly (readonly [NodeId, Floor])[];
  readonly requestFloorMs: number;
}

/** `appendedAt` tells where a record that is not yet known to be on disk was appended. */
export function makeImage(
  node: NodeState,
  appendedAt: (transactionId: TransactionId) => Lsn | null,
): NodeImage {
  const commits: NodeImage["commits"][number][] = [];
  for (const state of node.coordinator.transactions.values()) {
    if (state.phase !== "deciding" && state.phase !== "committing") continue;
    const awaitingAck =
      state.phase === "committing" ? state.awaitingAck : state.record.voters.map(({ name }) => name);
    commits.push({ record: state.record, awaitingAck });
  }
  const prepared: { record: PreparedRecord; at: Lsn }[] = [];
  const heuristics: NodeImage["heuristics"][number][] = [];
  const finished: NodeImage["finished"][number][] = [];
  const { outcomes, floors, requestFloorMs } = node.participant;
  const held: NodeImage["held"][number][] = [...unpackedRequests(node)].filter(([, each]) => isGuarded(each));
  for (const [transactionId, state] of node.participant.transactions) {
    const outcome = outcomeOf(state);
    if (outcome) finished.push({ transactionId, outcome, onePhase: state.job?.onePhase === true });
    // What it refuses for good is in a record that is on its way to the disk, for which the image stands.
    const refusal = refusalOf(node, state);
    if (refusal) held.push(heldAsRefused(transactionId, refusal));
    if (!outcome) {
      const entry = preparedOf(state, appendedAt);
      if (entry) prepared.push(entry);
      if (state.phase === "heuristic") heuristics.push(heuristicOf(state));
    }
  }
  return {
    runStarts: [...node.runStarts],
    commits,
    settled: newestCommitted(node, SETTLED_CHECKPOINTED_MAX),
    prepared,
    heuristics,
    finished,
    held,
    outcomes: newestOutcomes(outcomes, OUTCOMES_CHECKPOINTED_MAX),
    floors: [...floors],
    requestFloorMs,
  };
}

/** At most `count`, oldest first. */
function newestCommitted({ coordinator }: NodeState, count: number): NodeImage["settled"] {
  const committed: NodeImage["settled"][number][] = [];
  for (const request of coordinator.settled.newestFirst()) {
    if (committed.length === count) break;
    if (request.outcome === "committed") committed.push(request);
  }
  return committed.reverse();
}

function outcomeOf(state: ParticipantState): "committed" | "aborted" | null {
  switch (state.phase) {
    case "performing":
    case "committed":
      return "committed";
    case "aborting":
    case "aborted":
      return "aborted";
    default:
      return null;
  }
}

function preparedOf(
  state: ParticipantState,
  appendedAt: (transactionId: TransactionId) => Lsn | null,
): { record: PreparedRecord; at: Lsn } | null {
  if (state.phase !== "working" && state.phase !== "prepared" && state.phase !== "heuristic") return null;
  if (state.job.onePhase || !state.work) return null;
  const { transactionId, requestId, issuedAtMs, digest, coordinator } = state.job;
  const at = state.phase === "working" ? appendedAt(transactionId) : state.preparedAt;
  invariant(at, `${transactionId} is being prepared without a place in the log`);
  const participants = [...state.job.participants];
  const redo = [...state.work.redo];
  const undo = [...state.work.undo];
  const request = { requestId, issuedAtMs, digest };
  return {
    record: { type: "prepared", transactionId, ...request, coordinator, participants, redo, undo },
    at: { epoch: at.epoch, seq: at.seq },
  };
}

/** The end's own verdict is in the log's past; what counts from here is how it ended. */
function heuristicOf(state: Heuristic): NodeImage["heuristics"][number] {
  const { decision, verdict, ending } = state;
  const { transactionId } = state.job;
  return {
    record: { type: "heuristic", transactionId, decision, verdict },
    end: ending ? { type: "heuristic-end", transactionId, ending, verdict: null } : null,
  };
}

/**
 * Fills a new node's tables from an image and the pages that go with it; the records after the checkpoint are replayed on top.
 * An image of a version that had no pages holds all requests itself.
 */
export function restoreImage(node: NodeState, image: NodeImage, pages: readonly StoredPage[]): void {
  node.runStarts.push(...image.runStarts);
  for (const { record, awaitingAck } of image.commits) replayCommit(node, record, awaitingAck);
  for (const request of image.settled) node.coordinator.settled.add(request);
  for (const { record, at } of image.prepared) replayPrepared(node, record, at);
  for (const { record, end } of image.heuristics) {
    replayHeuristic(node, record);
    if (end) replayHeuristicEnd(node, end);
  }
  for (const [transactionId, outcome] of image.outcomes ?? [])
    noteOutcome(node.participant.outcomes, transactionId, outcome);
  for (const [coordinatorId, floor] of image.floors) node.participant.floors.set(coordinatorId, floor);
  const { requests, holders, transactions } = node.participant;
  const { requestWindowMs } = node.settings;
  // Before anything is packed: a page that is begun takes a number that no other has.
  restorePages(requests.packed, pages, sliceOf(requestWindowMs));
  const finished = new Set(image.finished.map(({ transactionId }) => transactionId));
  /** Those of transactions that the floor had passed while they were finishing: they leave as soon as they come. */
  const guarded = new Set<RequestId>();
  const heldBy = new Map<TransactionId, HeldRequest & { readonly requestId: RequestId }>();
  for (const [requestId, held] of image.held) {
    if (finished.has(held.transactionId)) heldBy.set(held.transactionId, { requestId, ...held });
  }
  for (const { transactionId, outcome, onePhase } of image.finished) {
    if (outcome === "aborted") {
      const aborted = {
        phase: "aborted",
        job: null,
        reason: null,
        isForced: true,
        isDecided: false,
      } as const;
      enterState(node, transactionId, aborted);
      continue;
    }
    const held = heldBy.get(transactionId);
    if (!held) continue;
    const { requestId, issuedAtMs, digest } = held;
    const coordinator = { name: runOf(transactionId).coordinatorName, url: "" };
    const job: Job = {
      transactionId,
      requestId,
      issuedAtMs,
      digest,
      coordinator,
      participants: [],
      onePhase,
    };
    const work = { redo: [], undo: [], results: [] };
    enterState(node, transactionId, { phase: "committed", job, work });
    if (!transactions.has(transactionId)) guarded.add(requestId);
  }
  for (const [requestId, held] of image.held) {
    if (guarded.has(requestId)) continue;
    if (!transactions.has(held.transactionId)) keepHeld(requests, requestId, held, requestWindowMs);
    else if (!holders.has(requestId)) requests.recent.set(requestId, held);
  }
  node.participant.requestFloorMs = image.requestFloorMs;
}
