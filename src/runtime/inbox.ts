import { invariant } from "../core/errors.ts";
import type { NodeInput } from "../core/node.ts";
import type { LogRecord } from "../schema/records.ts";
import type { Admission } from "./admission.ts";
import { createQueue } from "./queue.ts";

/** What has happened to a node and is not handled yet. */
export interface Inbox {
  add(input: NodeInput): void;
  /** What has become late: it is taken when nothing else is left, for what has already arrived may settle it. */
  addLate(input: NodeInput): void;
  /** The store's answer to the step before; no other input comes between the two. */
  answer(input: NodeInput): void;
  /** The next that this turn handles, if any is left to it. */
  take(): NodeInput | undefined;
  turnEnded(): void;
}

/**
 * What nobody waits for goes along in the turn of what somebody waits for while it is no more than this: a turn and frames of its
 * own would take both ends longer than handling it does.
 */
const TAKEN_ALONG_MAX = 64;

/**
 * What somebody waits for goes before what nobody waits for, and a turn that has handled the one leaves the other, where it is
 * much, to the next turn: so its messages and records are on their way meanwhile. Nothing is left behind by two turns.
 *
 * `wake` has the node begin a turn.
 */
export function createInbox(admission: Admission, wake: () => void): Inbox {
  const awaited = createQueue<NodeInput>();
  const unawaited = createQueue<NodeInput>();
  const late = createQueue<NodeInput>();
  let answer: NodeInput | undefined;
  /** This turn has handled something that somebody waits for. */
  let hasTaken = false;
  /** The turn before has left something. */
  let wasLeft = false;

  return {
    add(input) {
      // Admission itself knows when requests are taken up.
      if (input.type === "begin-received") return admission.add(input);
      if (isUnawaited(input)) unawaited.add(input);
      else awaited.add(input);
      wake();
    },
    addLate(input) {
      late.add(input);
      wake();
    },
    answer(input) {
      invariant(!answer, "a step asks for one piece of work");
      answer = input;
    },
    take() {
      const next = answer ?? awaited.take() ?? admission.take();
      answer = undefined;
      if (next !== undefined) {
        hasTaken = true;
        return next;
      }
      if (hasTaken && !wasLeft && unawaited.count() > TAKEN_ALONG_MAX) return undefined;
      return unawaited.take() ?? late.take();
    },
    turnEnded() {
      hasTaken = false;
      wasLeft = unawaited.first() !== undefined;
      if (wasLeft) wake();
    },
  };
}

/** Once a transaction is decided its client has an answer: for acks, and for the records that they tell of, nobody waits. */
function isUnawaited(input: NodeInput): boolean {
  if (input.type === "message-received") return input.message.type === "ack";
  return input.type === "record-forced" && isAckAlone(input.record);
}

/** What waits for this record is an ack, and nobody waits for that: the client has its answer, and other work has the rows. */
export function isAckAlone(record: LogRecord): boolean {
  return record.type === "committed" && record.onePhase === null;
}
