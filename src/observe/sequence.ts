import type { NodeEvent } from "../schema/events.ts";
import type { NodeName, TransactionId } from "../schema/ids.ts";
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
  const steps: SequenceStep[] = [];
  for (const entry of log) {
    if (entry.type === "event" && entry.event.transactionId === transactionId) addStep(steps, entry.event);
  }
  return steps;
}

function addStep(steps: SequenceStep[], event: NodeEvent): void {
  const { node, atMs, body } = event;
  switch (body.type) {
    case "message-sent":
      addSent(steps, { atMs, from: node, to: body.to, label: messageLabel(body.message, body.text) });
      return;
    case "message-received":
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

type Message = Omit<Extract<SequenceStep, { type: "message" }>, "type" | "fate">;

function addSent(steps: SequenceStep[], message: Message): void {
  // Streams of different nodes are merged as they come: the arrival may be told before the departure.
  const arrived = steps.findIndex(
    (step) => isSame(step, message) && step.fate === "received" && Math.abs(step.atMs - message.atMs) < 50,
  );
  if (arrived === -1) steps.push({ type: "message", ...message, fate: "sent" });
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
    const word = /\b(read-only|yes|no|pending|try-later|not-mine|committed|aborted)\b/i.exec(text)?.[1];
    if (word !== undefined) return message === "vote" ? `vote ${word.toLowerCase()}` : word.toLowerCase();
  }
  return message;
}
