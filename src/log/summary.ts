import { assertNever } from "../core/errors.ts";
import type { LogReading } from "./reading.ts";

/** How a log ended, in one line for people. */
export function recoverySummary(reading: LogReading): string {
  const { end, last, provenSeq } = reading;
  const kept = `kept all through seq ${last.seq} of epoch ${last.epoch}, known to be synced through ${provenSeq}`;
  switch (end.state) {
    case "fresh":
      return "new log";
    case "clean":
      return "clean";
    case "unclean":
      return `unclean stop: nothing to drop; ${kept}`;
    case "torn":
      return `torn tail: ${end.bytes} bytes dropped; ${kept}; that acknowledged records were lost cannot be ruled out`;
    case "corrupt":
      if (end.problem.isOtherFormat) return `${end.problem.file}: ${end.problem.message}`;
      return `corrupt: ${end.problem.file} at byte ${end.problem.offset}, seq ${end.problem.seq}: ${end.problem.message}`;
    default:
      return assertNever(end, "end of a log");
  }
}
