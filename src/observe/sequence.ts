import type { NodeEvent } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import { inCausalOrder } from "./causal-order.ts";
import { eventsOf, faultAfter } from "./events-of.ts";
import type { LifeChange, LifeEntry, LogEntry } from "./model.ts";

/** One step of a transaction's sequence diagram. */
export type SequenceStep =
  | {
      readonly type: "message";
      readonly atMs: number;
      readonly from: NodeName;
      readonly to: NodeName;
      readonly label: string;
      /** `sent`: on its way, or nobody told of its arrival. `delayed` by fault injection, it is a step more when it comes, `late`. */
      readonly fate: "held" | "sent" | "received" | "dropped" | "delayed" | "late";
      /** Fault injection has it delivered twice; the second is a step of its own, a `copy`. */
      readonly delivery?: "twice" | "copy";
      /** The run of its sender, and the number under which that holds it. */
      readonly heldId?: string;
      /** Which sending of the same message it is, from the second on. */
      readonly nth?: number;
    }
  | {
      readonly type: "write";
      readonly atMs: number;
      readonly node: NodeName;
      readonly label: string;
      readonly forced: boolean;
    }
  | { readonly type: "mark"; readonly atMs: number; readonly node: NodeName; readonly label: string }
  | {
      readonly type: "life";
      readonly atMs: number;
      readonly node: NodeName;
      readonly change: LifeChange;
      readonly label: string;
      /** How or why. */
      readonly text: string;
    };

/**
 * The steps of one transaction, oldest first, from the events still kept. A message is one step however many nodes told
 * of it. What became of its nodes belongs to it too, until it `isOver`.
 */
export function sequenceOf(
  log: readonly LogEntry[],
  transactionId: TransactionId,
  isOver = false,
): readonly SequenceStep[] {
  const steps: SequenceStep[] = [];
  for (const event of inCausalOrder(eventsOf(log, transactionId)))
    addStep(steps, event, faultAfter(log, event));
  return foldRounds(withLives(numbered(steps), log, isOver));
}

/** A message that was sent before in the same direction is a retry, and says which one. */
function numbered(steps: readonly SequenceStep[]): readonly SequenceStep[] {
  const counts = new Map<string, number>();
  return steps.map((step) => {
    if (step.type !== "message" || step.fate === "late" || step.delivery === "copy") return step;
    const key = `${step.from} ${step.to} ${step.label}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    return nth === 1 ? step : { ...step, nth };
  });
}

/** With crashes and restarts of the nodes concerned, from the first step to the last, or on and on. */
function withLives(
  steps: readonly SequenceStep[],
  log: readonly LogEntry[],
  isOver: boolean,
): readonly SequenceStep[] {
  const [first] = steps;
  if (first === undefined) return steps;
  const untilMs = isOver ? Math.max(...steps.map(({ atMs }) => atMs)) : Number.POSITIVE_INFINITY;
  const nodes = new Set(
    steps.flatMap((step) => (step.type === "message" ? [step.from, step.to] : [step.node])),
  );
  const result = [...steps];
  for (const entry of log) {
    if (entry.type !== "life" || !nodes.has(entry.node)) continue;
    const life = { ...entry, atMs: returnMs(result, entry) };
    if (life.atMs >= first.atMs && life.atMs <= untilMs) addLife(result, life);
  }
  return withHeldLost(result);
}

/** What a node held back is lost with its process. */
function withHeldLost(steps: readonly SequenceStep[]): readonly SequenceStep[] {
  const goneAt = new Map<NodeName, number>();
  steps.forEach((step, index) => {
    if (step.type === "life" && step.change === "gone") goneAt.set(step.node, index);
  });
  return steps.map((step, index) =>
    step.type === "message" && step.fate === "held" && index < (goneAt.get(step.from) ?? 0)
      ? { ...step, fate: "dropped" }
      : step,
  );
}

/** What each return ends. */
const ENDED_BY: Partial<Record<LifeChange, LifeChange>> = { restarted: "gone", resumed: "paused" };

/** A return that is heard late happened before the first word that others heard from the node since it was away. */
function returnMs(steps: readonly SequenceStep[], { node, atMs, change }: LifeEntry): number {
  const away = ENDED_BY[change];
  const gone = steps.findLastIndex(
    (step) => step.type === "life" && step.node === node && step.change === away,
  );
  if (gone === -1) return atMs;
  const word = steps.slice(gone + 1).find((step) => {
    if (step.type === "message") return step.from === node;
    return step.type !== "life" && step.node === node;
  });
  return Math.min(atMs, word?.atMs ?? atMs);
}

/** What is gone is no longer heard either, and what runs again is heard again: the stronger word stands for both. */
function addLife(steps: SequenceStep[], { atMs, node, change, text }: LifeEntry): void {
  const step = { type: "life" as const, atMs, node, change, label: LIFE_LABELS[change], text };
  const weaker = change === "gone" ? "lost" : change === "restarted" ? "back" : null;
  const before = steps.findLastIndex((each) => each.type === "life" && each.node === node);
  const last = steps[before];
  if (last?.type === "life" && last.change === weaker) {
    steps.splice(before, 1);
    step.atMs = Math.min(last.atMs, atMs);
  }
  // A node starts before it says anything, and is gone after it has said the last.
  const index =
    ENDED_BY[change] !== undefined
      ? steps.findIndex((each) => each.atMs >= step.atMs)
      : steps.findLastIndex((each) => each.atMs <= step.atMs) + 1;
  steps.splice(index === -1 ? steps.length : index, 0, step);
}

const LIFE_LABELS = {
  gone: "crashed",
  lost: "not heard",
  restarted: "restarted",
  paused: "paused",
  resumed: "goes on",
  back: "heard again",
  missed: "missed",
} as const;

/** What is sent again and again while nothing changes. */
const REPEATED: ReadonlySet<string> = new Set([
  "prepare",
  "inquiry",
  "in-doubt",
  "unknown",
  "pending",
  "try-later",
  "not-mine",
  "commit",
  "commit-refused",
]);

/**
 * The first of what is sent again stands where it was; of its repetitions the last one stands for all that came before
 * while nothing else happened.
 */
function foldRounds(steps: readonly SequenceStep[]): readonly SequenceStep[] {
  const folded: SequenceStep[] = [];
  const round = new Map<string, SequenceStep>();
  for (const step of steps) {
    if (step.type !== "message" || !REPEATED.has(step.label)) round.clear();
    else if (step.nth !== undefined) {
      const key = `${step.from} ${step.to} ${step.label} ${step.fate}`;
      const before = round.get(key);
      if (before !== undefined) folded.splice(folded.indexOf(before), 1);
      round.set(key, step);
    }
    folded.push(step);
  }
  return folded;
}

function addStep(steps: SequenceStep[], event: NodeEvent, fault: string | null): void {
  const { node, epoch, atMs, body } = event;
  switch (body.type) {
    case "message-held": {
      const { id, to, message, text } = body.held;
      steps.push({
        type: "message",
        atMs,
        from: node,
        to,
        label: messageLabel(message, text),
        fate: "held",
        heldId: `${epoch} ${id}`,
      });
      return;
    }
    case "message-sent":
      letGo(steps, event, body.heldId);
      proveArrival(steps, body.message, node, body.to);
      steps.push({
        type: "message",
        atMs,
        from: node,
        to: body.to,
        label: messageLabel(body.message, body.text),
        fate: fault === "delay-message" ? "delayed" : "sent",
        ...(fault === "duplicate-message" ? { delivery: "twice" } : {}),
      });
      return;
    case "message-received":
      proveArrival(steps, body.message, body.from, node);
      addReceived(steps, { atMs, from: body.from, to: node, label: messageLabel(body.message, body.text) });
      return;
    case "message-dropped":
      letGo(steps, event, body.heldId);
      steps.push({ type: "message", atMs, from: node, to: body.to, label: body.message, fate: "dropped" });
      return;
    case "record-appended":
      if (!body.force) steps.push({ type: "write", atMs, node, label: body.record, forced: false });
      return;
    case "record-forced":
      steps.push({ type: "write", atMs, node, label: body.record, forced: true });
      return;
    case "alarm":
      steps.push({ type: "mark", atMs, node, label: `! ${body.text}` });
      return;
    default:
      return;
  }
}

/** What was held stands where it left, no longer where it waited. */
function letGo(steps: SequenceStep[], { node: from, epoch }: NodeEvent, id: number | undefined): void {
  if (id === undefined) return;
  const heldId = `${epoch} ${id}`;
  const index = steps.findIndex(
    (step) => step.type === "message" && step.from === from && step.heldId === heldId && step.fate === "held",
  );
  if (index !== -1) steps.splice(index, 1);
}

type MessageStep = Extract<SequenceStep, { type: "message" }>;
type Message = Pick<MessageStep, "atMs" | "from" | "to" | "label">;

/** An answer proves that its question has arrived, even where nobody was heard telling so. */
const QUESTION_OF: Readonly<Record<string, string>> = {
  vote: "prepare",
  decided: "prepare",
  ack: "commit",
  "commit-refused": "commit",
  "inquiry-answer": "inquiry",
};

function proveArrival(steps: SequenceStep[], answer: string, from: NodeName, to: NodeName): void {
  const question = QUESTION_OF[answer];
  const index = steps.findLastIndex(
    (step) => step.type === "message" && step.from === to && step.to === from && step.label === question,
  );
  const step = steps[index];
  if (step?.type === "message" && step.fate === "sent") steps[index] = { ...step, fate: "received" };
}

function addReceived(steps: SequenceStep[], message: Message): void {
  const same = steps.filter((step) => isSame(step, message));
  const sent = same.find(({ fate }) => fate === "sent");
  if (sent !== undefined) {
    steps[steps.indexOf(sent)] = { ...sent, fate: "received" };
  } else if (same.some(({ fate }) => fate === "delayed")) {
    steps.push({ type: "message", ...message, fate: "late" });
  } else if (same.some(({ delivery }) => delivery === "twice")) {
    steps.push({ type: "message", ...message, fate: "received", delivery: "copy" });
  } else steps.push({ type: "message", ...message, fate: "received" });
}

function isSame(step: SequenceStep, message: Message): step is MessageStep {
  return (
    step.type === "message" &&
    step.from === message.from &&
    step.to === message.to &&
    step.label === message.label
  );
}

/** A message's label: the vote itself rather than the word vote, where the text tells it. */
function messageLabel(message: string, text: string): string {
  if (message === "vote" || message === "inquiry-answer" || message === "decided") {
    const word =
      /\b(read-only|yes|no|pending|try-later|not-mine|in-doubt|unknown|committed|aborted|commit|abort)\b/i.exec(
        text,
      )?.[1];
    if (word !== undefined) return message === "vote" ? `vote ${word.toLowerCase()}` : word.toLowerCase();
  }
  return message;
}
