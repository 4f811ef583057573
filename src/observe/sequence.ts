import type { NodeEvent } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
import { inCausalOrder } from "./causal-order.ts";
import type { LogEntry } from "./model.ts";

/** One step of a transaction's sequence diagram. */
export type SequenceStep =
  | {
      readonly type: "message";
      readonly atMs: number;
      readonly from: NodeName;
      readonly to: NodeName;
      readonly label: string;
      /** `sent`: on its way, or nobody told of its arrival. */
      readonly fate: "sent" | "received" | "dropped";
      /** How often, where one step stands for a round of the same question or answer. */
      readonly times?: number;
    }
  | {
      readonly type: "write";
      readonly atMs: number;
      readonly node: NodeName;
      readonly label: string;
      readonly forced: boolean;
    }
  | { readonly type: "mark"; readonly atMs: number; readonly node: NodeName; readonly label: string };

/** The steps of one transaction, oldest first, from the events still kept. A message is one step however many nodes told of it. */
export function sequenceOf(log: readonly LogEntry[], transactionId: TransactionId): readonly SequenceStep[] {
  const events = log.flatMap((entry) =>
    entry.type === "event" && entry.event.transactionId === transactionId ? [entry.event] : [],
  );
  const steps: SequenceStep[] = [];
  for (const event of inCausalOrder(events)) addStep(steps, event);
  return foldRounds(steps);
}

/** What is sent again and again while nothing changes. */
const REPEATED: ReadonlySet<string> = new Set([
  "inquiry",
  "in-doubt",
  "unknown",
  "pending",
  "try-later",
  "not-mine",
  "commit",
  "commit-refused",
]);

/** Rounds of the same messages are told once, with their number; whatever else happens ends a round. */
function foldRounds(steps: readonly SequenceStep[]): readonly SequenceStep[] {
  const folded: SequenceStep[] = [];
  let round = new Map<string, { index: number; count: number }>();
  for (const step of steps) {
    if (step.type !== "message" || !REPEATED.has(step.label)) {
      round = new Map();
      folded.push(step);
      continue;
    }
    const key = `${step.from} ${step.to} ${step.label} ${step.fate}`;
    const before = round.get(key);
    if (before === undefined) {
      round.set(key, { index: folded.length, count: 1 });
      folded.push(step);
    } else {
      before.count += 1;
      const first = folded[before.index];
      if (first?.type === "message") folded[before.index] = { ...first, times: before.count };
    }
  }
  return folded;
}

function addStep(steps: SequenceStep[], event: NodeEvent): void {
  const { node, atMs, body } = event;
  switch (body.type) {
    case "message-sent":
      proveArrival(steps, body.message, node, body.to);
      addSent(steps, { atMs, from: node, to: body.to, label: messageLabel(body.message, body.text) });
      return;
    case "message-received":
      proveArrival(steps, body.message, body.from, node);
      addReceived(steps, { atMs, from: body.from, to: node, label: messageLabel(body.message, body.text) });
      return;
    case "message-dropped":
      steps.push({ type: "message", atMs, from: node, to: body.to, label: body.message, fate: "dropped" });
      return;
    case "record-appended":
      if (!body.force) steps.push({ type: "write", atMs, node, label: body.record, forced: false });
      return;
    case "record-forced":
      steps.push({ type: "write", atMs, node, label: body.record, forced: true });
      return;
    case "fault-fired":
      steps.push({ type: "mark", atMs, node, label: `! ${body.fault}` });
      return;
    case "alarm":
      steps.push({ type: "mark", atMs, node, label: `! ${body.text}` });
      return;
    default:
      return;
  }
}

type Message = Omit<Extract<SequenceStep, { type: "message" }>, "type" | "fate" | "times">;

function addSent(steps: SequenceStep[], message: Message): void {
  steps.push({ type: "message", ...message, fate: "sent" });
}

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
  const sent = steps.findIndex((step) => isSame(step, message) && step.fate === "sent");
  if (sent === -1) steps.push({ type: "message", ...message, fate: "received" });
  else
    steps[sent] = { type: "message", ...message, atMs: steps[sent]?.atMs ?? message.atMs, fate: "received" };
}

function isSame(step: SequenceStep, message: Message): step is Extract<SequenceStep, { type: "message" }> {
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
