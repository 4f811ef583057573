import { TpcError } from "../../core/errors.ts";
import type { NodeName } from "../../schema/ids.ts";
import type { Report } from "./violations.ts";
import type { Checker, Run } from "./witness.ts";

/**
 * After a log error no further message leaves the process (I13). No node throws what nobody catches (I10), nor finds that
 * its log has lost what was acknowledged (I9): the disks of a world keep what they have said that they keep.
 */
export function createSilenceChecker(report: Report): Checker {
  const failed = new Map<string, string>();
  const keyOf = (name: NodeName, pid: number) => `${name} ${pid}`;
  const leave = (run: Run, what: string) => {
    const call = failed.get(keyOf(run.name, run.pid));
    if (call !== undefined) report("I13", `${run.name} sends ${what} after its disk failed a ${call}`);
  };
  return {
    diskFailed: (name, pid, call) => void failed.set(keyOf(name, pid), call),
    sent: (run, to, message) => leave(run, `${message.type} to ${to}`),
    answered: (run, outcome) => leave(run, `an outcome of ${outcome.requestId}`),
    threw(name, error) {
      if (error instanceof TpcError && error.code === "TPC_LOG_CORRUPT")
        report("I9", `${name} does not start: ${error.message}`);
      else report("I10", `${name} throws ${error instanceof Error ? error.stack : String(error)}`);
    },
  };
}
