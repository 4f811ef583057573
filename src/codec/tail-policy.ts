import { TpcError } from "../core/errors.ts";

/** What is known at the first place of a log that is not a valid frame, where the frame numbered `s` was expected. */
export interface TailFindings {
  /** Whether any segment comes after this one. */
  readonly segment: "last" | "followed";
  /** Whether every segment between the first needed and the last is there. */
  readonly sequence: "complete" | "gap";
  /** Whether this segment holds a shutdown frame, which is written only when all before it is on disk. */
  readonly shutdown: "absent" | "present";
  /** How `s` stands to the side file: at or below its mark, `s` was on disk and acknowledged. */
  readonly mark: "above" | "at-or-below";
  /**
   * The valid frames of this segment beyond the place: none; some, all written before `s` was on disk;
   * or at least one that was written when `s` was known to be on disk (its durableSeq is `s` or more).
   */
  readonly later: "none" | "before-durable" | "after-durable";
}

export type TailVerdict = "torn" | "corrupt";

export interface TailRule {
  readonly label: string;
  readonly when: Partial<TailFindings>;
  readonly verdict: TailVerdict;
}

/**
 * Torn: a crash interrupted a write that nobody was told of; the valid prefix is kept.
 * Corrupt: acknowledged records are damaged or gone; the node must not start, and nothing may be changed.
 * The first rule that fits decides.
 */
export const TAIL_POLICY = [
  { label: "a segment is missing", when: { sequence: "gap" }, verdict: "corrupt" },
  {
    label: "the segment was synced to its end before the next one was made",
    when: { segment: "followed" },
    verdict: "corrupt",
  },
  {
    label: "the segment was synced to its end before it was shut down",
    when: { shutdown: "present" },
    verdict: "corrupt",
  },
  { label: "the mark says that it was on disk", when: { mark: "at-or-below" }, verdict: "corrupt" },
  {
    label: "a later frame says that it was on disk",
    when: { later: "after-durable" },
    verdict: "corrupt",
  },
  {
    label: "a batch that nobody was told of reached the disk in part and out of order",
    when: { later: "before-durable" },
    verdict: "torn",
  },
  { label: "a batch that nobody was told of was cut short", when: { later: "none" }, verdict: "torn" },
] as const satisfies readonly TailRule[];

/** The rule that decides about these findings. */
export function judgeTail(findings: TailFindings): TailRule {
  for (const rule of TAIL_POLICY) {
    if (fits(rule.when, findings)) return rule;
  }
  throw new TpcError("TPC_INTERNAL", `no rule for this end of the log: ${JSON.stringify(findings)}`);
}

function fits(when: Partial<TailFindings>, findings: TailFindings): boolean {
  return (
    (when.segment ?? findings.segment) === findings.segment &&
    (when.sequence ?? findings.sequence) === findings.sequence &&
    (when.shutdown ?? findings.shutdown) === findings.shutdown &&
    (when.mark ?? findings.mark) === findings.mark &&
    (when.later ?? findings.later) === findings.later
  );
}
