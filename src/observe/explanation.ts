import { triesText } from "./tries.ts";
import type { Explanation } from "./why.ts";

/** One part of why a transaction is not finished, in words. */
export interface ExplanationPart {
  readonly label: "why" | "safe" | "unsafe" | "error" | "tries" | "blocker";
  readonly text: string;
}

/** The parts that there are, the most important first: console and commands show the same ones. */
export function explanationParts(explanation: Explanation, nowMs: number): readonly ExplanationPart[] {
  const { waitsFor, safe, unsafe, lastError, tries, blockedBy } = explanation;
  const parts: readonly ExplanationPart[] = [
    { label: "why", text: `waits for ${waitsFor}` },
    { label: "safe", text: safe },
    { label: "unsafe", text: unsafe ?? "" },
    { label: "error", text: lastError ?? "" },
    { label: "tries", text: tries === null ? "" : triesText(tries, nowMs) },
    { label: "blocker", text: blockedBy.join(", ") },
  ];
  return parts.filter(({ text }) => text !== "");
}
