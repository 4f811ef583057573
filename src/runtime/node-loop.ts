import type { Effect, Timer } from "../core/effects.ts";
import { emptied } from "../core/emptied.ts";
import { assertNever } from "../core/errors.ts";
import { makeImage } from "../core/image.ts";
import { type NodeInput, stepNode } from "../core/node.ts";
import type { NodeState } from "../core/node-state.ts";
import { storedPages } from "../core/packed-requests.ts";
import { reuseDropped } from "../core/page-memory.ts";
import { pruneTables } from "../core/participant-stores.ts";
import { finishRecovery } from "../core/recovery.ts";
import type { Lsn, NodeName, RequestId, TransactionId } from "../schema/ids.ts";
import type { ProtocolMessage } from "../schema/protocol.ts";
import type { LogRecord } from "../schema/records.ts";
import { RETRIES_LISTED_MAX, type RetryView } from "../schema/views.ts";
import { createAdmission } from "./admission.ts";
import type { Clients } from "./clients.ts";
import type { Reach } from "./crash-points.ts";
import { recordFacts, wordsOf } from "./event-facts.ts";
import type { Faults } from "./faults.ts";
import type { History } from "./history.ts";
import type { Holding } from "./holding.ts";
import { createInbox, isAckAlone } from "./inbox.ts";
import type { Clock, Log, Network, Random, Resource } from "./ports.ts";
import { createPruning } from "./pruning.ts";
import { createQueue } from "./queue.ts";
import { createSending } from "./sending.ts";
import { createTimers } from "./timers.ts";
import { createTurnTime } from "./turn-time.ts";
import type { Watchers } from "./watchers.ts";
import { createWork, type Work } from "./work.ts";

/** Everything a loop works with. */
export interface LoopParts {
  readonly state: NodeState;
  readonly resource: Resource | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where the log ended when this run began. */
  readonly foundSeq: number;
  readonly network: Network;
  /** Keeps trying to connect to a node. */
  readonly dial: (url: string) => void;
  readonly faults: Faults | null;
  readonly reach: Reach;
  readonly history: History;
  readonly watchers: Watchers;
  readonly clients: Clients;
  /** Called for every record that was to be forced, when it is on disk. */
  readonly onForced: (record: LogRecord) => void;
  /** Holds its messages from the start, for a client that is about to ask for it. */
  readonly startsHeld: boolean;
  /** Messages are held from now on, or no longer. */
  readonly holdChanged: (isHolding: boolean) => void;
  readonly raiseAlarm: (transactionId: TransactionId | null, text: string) => void;
  readonly clearAlarm: (text: string) => void;
}

/** The queue and its turns. */
export interface NodeLoop {
  /** Takes an input; it is handled in this or the next turn. */
  push(input: NodeInput): void;
  /** Carries out what recovery left to do. */
  start(): void;
  /** Nothing is handled and nothing leaves any more. */
  halt(): void;
  forcedSeq(): number;
  readonly holding: Holding;
  /** Requests that wait to be tried again: how many, and what is to be said of them, at most `RETRIES_LISTED_MAX`. */
  waitingCount(): number;
  retries(): readonly RetryView[];
  readonly work: Pick<Work, "takeRows" | "hasRows">;
  /** Sends what was brought about outside a turn. */
  flush(): void;
  /** Writes a checkpoint of the present state; resolves when it is on disk. */
  checkpoint(): Promise<void>;
}

type ForcedRecord = Extract<NodeInput, { type: "record-forced" }>;
export function createNodeLoop(parts: LoopParts): NodeLoop {
  const { state, clock, log, network, faults, reach, history, watchers } = parts;
  /** What a step brings about. The list is emptied again and again: one for each step would take room for many more than a step has. */
  const effects: Effect[] = [];
  /** What is said of records to be forced once they are known to be on disk, in log order. */
  const unforced = createQueue<ForcedRecord>();
  /** Of those the `prepared` ones, until the core has heard of them as well: a checkpoint says where they are. */
  const preparing = createQueue<ForcedRecord>();
  let appendedSeq = parts.foundSeq;
  let forcedSeq = parts.foundSeq;
  let isScheduled = false;
  let isHalted = false;
  /** Checkpoints that are being written. */
  let checkpointing = 0;
  let answersSent = 0;
  /** Somebody waits for a record of this turn. */
  let isAwaited = false;
  const time = createTurnTime(() => clock.nowMs());
  /** A wall clock that jumps during a run moves no window. */
  const wallOffsetMs = clock.wallMs() - clock.nowMs();
  const pruning = createPruning(state, wallOffsetMs);

  const wake = () => {
    if (isScheduled) return;
    isScheduled = true;
    clock.defer(turn);
  };
  const admission = createAdmission(state.settings, clock, wake);
  const inbox = createInbox(admission, wake);
  const push = (input: NodeInput) => {
    if (!isHalted) inbox.add(input);
  };
  const timers = createTimers(clock, parts.random, (timer: Timer) => {
    if (!isHalted) inbox.addLate({ type: "timer-fired", timer });
  });
  const sending = createSending({
    ...parts,
    self: state.self.name,
    push,
    isHalted: () => isHalted,
    holdChanged(isHolding) {
      // While messages wait for somebody to let them go, nobody is late, and nothing is said again.
      if (isHolding) timers.pause();
      else timers.resume();
      parts.holdChanged(isHolding);
    },
  });
  if (sending.holding.isHolding()) timers.pause();
  const work = createWork({ ...parts, push: inbox.answer });

  const step = (input: NodeInput) => {
    stepNode(state, input, effects);
    for (const effect of effects) run(effect);
    emptied(effects);
  };

  const turn = () => {
    isScheduled = false;
    for (let next = inbox.take(); next && !isHalted; next = inbox.take()) {
      note(next);
      step(next);
    }
    inbox.turnEnded();
    endTurn();
  };

  /** What the loop itself has to do with an input that the core is about to hear. */
  const note = (input: NodeInput) => {
    switch (input.type) {
      case "message-received":
        reach()?.(`receive-${input.message.type}`);
        return noteReceived(input.from, input.message);
      case "begin-received":
        return parts.clients.take(input.request);
      case "record-forced":
        if (input.record.type === "prepared") preparing.take();
        return;
    }
  };

  /**
   * What the turn says leaves before its records are written: it hangs on none of them, and had a write that fails already begun,
   * words would leave after it. Watchers come first, for the network's flush takes what clients hear along.
   */
  const endTurn = () => {
    if (isHalted) return;
    for (const view of history.takeChanged()) {
      watchers.emit(view.transactionId, { type: "transaction-changed", view });
    }
    work.emitRows();
    watchers.flush();
    network.flush();
    sending.flushed();
    admission.turnEnded(answersSent, parts.clients.requests());
    for (; answersSent > 0; answersSent -= 1) reach()?.("answered-client");
    log.flush(isAwaited);
    isAwaited = false;
    pruning.turnEnded(time.nowMs());
    time.turnEnded();
    if (log.wantsCheckpoint() && checkpointing === 0) void checkpoint();
  };

  const run = (effect: Effect): void => {
    switch (effect.type) {
      case "send":
        return sending.send(effect);
      case "connect":
        return parts.dial(effect.url);
      case "append-record":
        return append(effect.record, effect.force);
      case "plan-work":
      case "perform-work":
      case "finish-work":
      case "undo-work":
        return work.run(effect);
      case "start-timer":
        timers.start(effect.timer, effect.delayMs, effect.jitter, time.nowMs());
        if (effect.timer.kind === "retry") noteRetry(effect.timer.id, effect.delayMs);
        return;
      case "stop-timer":
        return timers.stop(effect);
      case "answer-client":
        reach()?.("answer-client");
        answerClient(effect);
        answersSent += 1;
        return;
      case "coordinator-changed":
      case "participant-changed":
        return history.change(effect);
      case "raise-alarm":
        return parts.raiseAlarm(effect.transactionId, effect.text);
      case "clear-alarm":
        return parts.clearAlarm(effect.text);
      default:
        return assertNever(effect, "effect");
    }
  };

  const append = (record: LogRecord, force: boolean) => {
    if (record.type === "commit" && faults?.fires("crash-before-decision")) faults.crash();
    if (record.type !== "run-start") reach()?.(`append-${record.type}`);
    appendedSeq = log.append(record, force);
    if (record.type !== "run-start") {
      reach()?.(`appended-${record.type}`);
      const role = isCoordinators(record.type) ? "coordinator" : "participant";
      history.countRecord(role, record.transactionId, force);
      noteAppended(record, record.transactionId, appendedSeq, force);
    }
    if (!force) return;
    const forced = { type: "record-forced", record, seq: appendedSeq } as const;
    unforced.add(forced);
    if (record.type === "prepared") preparing.add(forced);
    if (!isAckAlone(record)) isAwaited = true;
  };

  log.onForced((throughSeq) => {
    if (isHalted) return;
    forcedSeq = Math.max(forcedSeq, throughSeq);
    for (let first = unforced.first(); first && first.seq <= throughSeq; first = unforced.first()) {
      unforced.take();
      noteForced(first.record, first.seq);
      parts.onForced(first.record);
      push(first);
    }
  });

  const noteForced = (record: LogRecord, seq: number) => {
    if (record.type === "prepared" && faults?.fires("crash-before-vote")) faults.crash();
    if (record.type === "commit" && faults?.fires("crash-after-decision")) faults.crash();
    if (record.type === "committed" && faults?.fires("crash-before-ack")) faults.crash();
    if (record.type !== "run-start") reach()?.(`forced-${record.type}`);
    if (record.type !== "run-start" && watchers.tells(record.transactionId))
      watchers.emit(record.transactionId, { type: "record-forced", record: record.type, seq });
  };

  const answerClient = ({ digest, outcome }: Extract<Effect, { type: "answer-client" }>) => {
    if (parts.clients.answer(digest, outcome, time.nowMs()) === 0) return;
    const { requestId, transactionId, outcome: word } = outcome;
    if (watchers.tells(transactionId)) {
      watchers.emit(transactionId, { type: "client-answered", requestId, outcome: word });
    }
  };

  const noteReceived = (from: NodeName, message: ProtocolMessage) => {
    if (!watchers.tells(message.transactionId)) return;
    watchers.emit(message.transactionId, { type: "message-received", from, ...wordsOf(message) });
  };

  const noteAppended = (record: LogRecord, id: TransactionId, seq: number, force: boolean) => {
    if (!watchers.tells(id)) return;
    const facts = recordFacts(record);
    watchers.emit(id, { type: "record-appended", record: record.type, seq, force, ...(facts && { facts }) });
  };

  const noteRetry = (requestId: RequestId, delayMs: number) => {
    const request = state.coordinator.requests.get(requestId);
    // As out of the ordinary as the attempt that aborted.
    if (request?.phase === "waiting" && !watchers.shows(request.transactionId, true)) return;
    const attempt = (request?.attempts ?? 0) + 1;
    const reason = request?.phase === "waiting" ? { reason: request.reason } : {};
    watchers.emit(null, {
      type: "retry-scheduled",
      requestId,
      attempt,
      delayMs: Math.round(delayMs),
      ...reason,
    });
  };

  /** What is under way has a deadline: the thousands that are settled, and only remembered, need not be looked at. */
  const waiting = () =>
    timers.ofKind("deadline").flatMap((timer) => {
      const request = timer.kind === "deadline" ? state.coordinator.requests.get(timer.id) : undefined;
      return request?.phase === "waiting" ? [request] : [];
    });

  const retries = (): readonly RetryView[] =>
    waiting()
      .slice(0, RETRIES_LISTED_MAX)
      .map(({ requestId, attempts, reason }) => {
        const leftMs = timers.leftMs({ kind: "retry", id: requestId }) ?? 0;
        return { requestId, attempt: attempts + 1, withinMs: Math.ceil(leftMs), reason };
      });

  const checkpoint = async () => {
    checkpointing += 1;
    pruneTables(state, wallOffsetMs + clock.nowMs());
    const preparedAt = new Map<TransactionId, Lsn>();
    for (const { record, seq } of preparing.waiting())
      if (record.type === "prepared") preparedAt.set(record.transactionId, { epoch: state.epoch, seq });
    const image = {
      node: makeImage(state, (id) => preparedAt.get(id) ?? null),
      resource: parts.resource?.image() ?? null,
    };
    const { packed } = state.participant.requests;
    await log.checkpoint(image, storedPages(packed), appendedSeq);
    checkpointing -= 1;
    if (checkpointing === 0) reuseDropped(packed.memory);
  };

  return {
    push,
    start() {
      for (const effect of finishRecovery(state)) run(effect);
      endTurn();
    },
    holding: sending.holding,
    waitingCount: () => waiting().length,
    retries,
    work,
    flush: endTurn,
    halt() {
      isHalted = true;
      admission.stop();
      watchers.stop();
      timers.stopAll();
    },
    forcedSeq: () => forcedSeq,
    checkpoint,
  };
}

function isCoordinators(type: LogRecord["type"]): boolean {
  return type === "commit" || type === "end" || type === "released";
}
