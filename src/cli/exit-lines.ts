import type { ProcessView } from "../observe/ports.ts";
import type { NodeName } from "../schema/ids.ts";

/**
 * Turns what a supervisor tells of its processes into one line for each that ended by itself with an exit status
 * other than 0: what a run without a screen says before its expectations fail. Kills are the scenarios' own.
 */
export function exitLines(write: (line: string) => void): (view: ProcessView) => void {
  const told = new Map<NodeName, ProcessView["exit"]>();
  return ({ name, state, exit, logTail }) => {
    // The end of the log is told after the exit.
    const last = logTail.at(-1);
    if (state !== "down" || !exit?.code || last === undefined || told.get(name) === exit) return;
    told.set(name, exit);
    write(`${name} ended with exit status ${exit.code}: ${last}`);
  };
}
