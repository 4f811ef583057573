import type { Flash } from "./ui.ts";

/** What an action is in words, and the same from a shell. */
export interface Doing {
  readonly text: string;
  /** Commands for a shell; empty where a shell cannot do it. */
  readonly commands: readonly string[];
  /** Why there is none, where more than that can be said. */
  readonly whyNone?: string;
}

/** A row of the command log. */
export interface CommandEntry extends Doing {
  readonly atMs: number;
  /** Null while it goes on. */
  readonly ended: Flash | null;
}

/** How many of the user's doings are kept. */
export const COMMANDS_MAX = 500;

/** The log with one more entry, its newest last. */
export function addCommand(log: readonly CommandEntry[], entry: CommandEntry): readonly CommandEntry[] {
  return [...log.slice(1 - COMMANDS_MAX), entry];
}

/** The log with an entry that has ended. */
export function endCommand(
  log: readonly CommandEntry[],
  entry: CommandEntry,
  ended: Flash,
): readonly CommandEntry[] {
  return log.map((each) => (each === entry ? { ...each, ended } : each));
}
