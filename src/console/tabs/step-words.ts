import type { SequenceStep } from "../../observe/sequence.ts";
import type { Tone } from "../row.ts";

type Message = Extract<SequenceStep, { type: "message" }>;
type Life = Extract<SequenceStep, { type: "life" }>;

/** `vote yes`, `commit #4` where it was sent before, `ack late`, `ack twice` for the second that was sent once. */
export function messageWords({ label, nth, fate, delivery }: Message): string {
  const number = nth === undefined ? "" : ` #${nth}`;
  return `${label}${number}${fate === "late" ? " late" : delivery === "copy" ? " twice" : ""}`;
}

/** The same for a narrow lane, where the arrow tells that it is a vote. */
export function shortMessageWords(message: Message): string {
  return messageWords(message)
    .replace(/^vote /, "")
    .replace("read-only", "r-only");
}

export function messageTone({ label, fate }: Message): Tone {
  if (fate === "dropped") return "bad";
  if (fate === "sent" || fate === "held" || fate === "delayed") return "warn";
  if (label === "vote no" || label.startsWith("abort") || label === "commit-refused") return "bad";
  return label === "commit" || label === "ack" || label === "committed" ? "good" : "accent";
}

/** What stands in the lane itself: a letter each, so that it is told without colour. */
export const LIFE_MARKS: Readonly<Record<Life["change"], { readonly mark: string; readonly tone: Tone }>> = {
  gone: { mark: "X", tone: "bad" },
  lost: { mark: "?", tone: "warn" },
  restarted: { mark: "O", tone: "good" },
  paused: { mark: "=", tone: "warn" },
  resumed: { mark: "O", tone: "good" },
  back: { mark: "O", tone: "good" },
  missed: { mark: "?", tone: "warn" },
};

/** `crashed: SIGKILL`. */
export function lifeWords({ label, text }: Life): string {
  return text === "" || text === label ? label : `${label}: ${text}`;
}
