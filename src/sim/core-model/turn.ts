import type { Effect, Timer } from "../../core/effects.ts";
import { assertNever, invariant } from "../../core/errors.ts";
import { type NodeInput, stepNode } from "../../core/node.ts";
import type { NodeState } from "../../core/node-state.ts";
import type { Faults } from "../../runtime/faults.ts";
import type { Watchers } from "../../runtime/watchers.ts";
import { createWork, type Work } from "../../runtime/work.ts";
import type { LogRecord } from "../../schema/records.ts";
import type { Choose } from "../explore/choices.ts";
import { forgetRounds } from "./indifferent.ts";
import { copyNode } from "./node-copy.ts";
import { type Entry, type Envelope, NO_TRANSACTION, type Process, type Turn } from "./process.ts";
import { createTokenStore } from "./token-store.ts";

/** What a turn changes while it runs; the process it began with stays as it was. */
interface Draft {
  readonly name: Process["name"];
  readonly epoch: number;
  readonly lies: Process["lies"];
  readonly node: NodeState;
  readonly timers: Map<string, Timer>;
  readonly log: Entry[];
  readonly told: Set<string>;
  readonly alarms: Set<string>;
  readonly sent: Envelope[];
  readonly queue: NodeInput[];
  readonly work: Work;
}

/**
 * One turn of a process: `first` if there is something to do before, then the inputs and all the work they cause, by
 * the shipped step function. What a thrown error leaves behind counts as an alarm.
 */
export function takeTurn(
  process: Process,
  inputs: readonly NodeInput[],
  choose: Choose,
  first: (node: NodeState) => readonly Effect[] = () => [],
): Turn {
  const { node: before, name, epoch, lies } = process;
  invariant(before, `${name} is down and takes no turn`);
  const node = copyNode(before);
  const tokens = { ...process.tokens };
  const queue = [...inputs];
  const draft: Draft = {
    name,
    epoch,
    lies,
    node,
    timers: new Map(process.timers.map((timer) => [keyOf(timer), timer])),
    log: [...process.log],
    told: new Set(process.told),
    alarms: new Set(process.alarms),
    sent: [],
    queue,
    work: createWork({
      state: node,
      resource: process.isParticipant ? createTokenStore(tokens, choose) : null,
      faults: faultsBy(choose),
      watchers: NOBODY,
      push: (input) => queue.unshift(input),
    }),
  };
  try {
    for (const effect of first(node)) run(draft, effect);
    for (let next = queue.shift(); next; next = queue.shift()) {
      for (const effect of stepNode(node, next)) run(draft, effect);
    }
  } catch (error) {
    draft.alarms.add(error instanceof Error ? error.message : String(error));
  }
  forgetRounds(node);
  return { process: closeDraft(process, draft, tokens), sent: draft.sent };
}

function closeDraft(process: Process, draft: Draft, tokens: Process["tokens"]): Process {
  const { node, log } = draft;
  const timers = [...draft.timers].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, timer]) => timer);
  return {
    ...process,
    node,
    timers,
    log,
    tokens,
    told: [...draft.told].sort(),
    alarms: [...draft.alarms].sort(),
  };
}

function run(draft: Draft, effect: Effect): void {
  switch (effect.type) {
    case "send": {
      const { to, message } = effect;
      const from = draft.name;
      if (to === from) draft.queue.push({ type: "message-received", from, message });
      else draft.sent.push({ from, to, message });
      return;
    }
    case "append-record":
      return append(draft, effect.record, effect.force);
    case "plan-work":
    case "perform-work":
    case "finish-work":
    case "undo-work":
      return draft.work.run(effect);
    case "start-timer":
      draft.timers.set(keyOf(effect.timer), effect.timer);
      return;
    case "stop-timer":
      draft.timers.delete(keyOf(effect));
      return;
    case "answer-client":
      draft.told.add(`${effect.outcome.outcome} ${effect.outcome.transactionId ?? NO_TRANSACTION}`);
      return;
    case "raise-alarm":
      draft.alarms.add(effect.text);
      return;
    case "clear-alarm": // What was raised once stays known.
    case "connect": // Whether a connection comes about is the world's choice.
    case "coordinator-changed":
    case "participant-changed":
      return;
    default:
      return assertNever(effect, "effect");
  }
}

function append(draft: Draft, record: LogRecord, force: boolean): void {
  const seq = (draft.log.at(-1)?.lsn.seq ?? 0) + 1;
  const lsn = { epoch: draft.epoch, seq };
  const isLie = force && draft.lies.includes(record.type);
  draft.log.push({ record, lsn, force: force && !isLie });
  if (isLie) draft.queue.push({ type: "record-forced", record, seq });
}

export function keyOf(timer: Timer): string {
  return `${timer.kind} ${timer.id}`;
}

/** The store fails to perform or to finish where that is chosen. */
function faultsBy(choose: Choose): Faults {
  return {
    arm: () => {},
    fires: (fault) =>
      (fault === "perform-fails" || fault === "finish-fails") && choose(["works", fault]) === fault,
    armPoint: () => false,
    hasPoints: () => false,
    reach: () => {},
    crash: () => {},
    armed: () => [],
    armedPoints: () => [],
    onFired: () => {},
  };
}

const NOBODY: Watchers = {
  isWatched: () => false,
  isToldRows: () => false,
  isTallied: () => false,
  tells: () => false,
  shows: () => false,
  attend: () => {},
  subscribe: () => {},
  sample: () => {},
  unsubscribe: () => {},
  emit: () => {},
  flush: () => {},
  stop: () => {},
};
