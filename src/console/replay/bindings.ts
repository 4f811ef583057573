import { type Binding, type Command, KEYMAP } from "../keymap.ts";

/** What goes from one moment of a run to another. */
export type StepCommand =
  | "step"
  | "step-back"
  | "step-phase"
  | "step-phase-back"
  | "step-transaction"
  | "step-transaction-back"
  | "play"
  | "faster"
  | "slower"
  | "to-start"
  | "to-end";

function time(command: StepCommand, key: string, help: string, hint?: string): Binding {
  const words = hint === undefined ? {} : { hint, hintInDetail: hint };
  return { command, keys: [key], group: "time", help, ...words };
}

/** The keys of a replay, beside those for looking around. */
export const REPLAY_KEYMAP: readonly Binding[] = [
  time("step", "}", "on to the next event", "next"),
  time("step-back", "{", "back to the event before", "back"),
  time("step-phase", ")", "on to the next change of a transaction's phase", "phase"),
  time("step-phase-back", "(", "back to the change of phase before"),
  time("step-transaction", ">", "on to the next transaction", "transaction"),
  time("step-transaction-back", "<", "back to the transaction before"),
  time("play", " ", "play on, or stand still", "play"),
  time("faster", "v", "play faster", "faster"),
  time("slower", "V", "play slower"),
  time("to-start", "^", "to the beginning of the run"),
  time("to-end", "$", "to the end of the run"),
];

/** What has no meaning in a run that is over. */
const NOT_IN_REPLAY: ReadonlySet<Command> = new Set(["freeze", "read-only", "command-log"]);

/** What has other keys because time has taken its own. */
const OTHER_KEYS: Partial<Record<Command, readonly string[]>> = { "pan-right": ["."], "pan-left": [","] };

/** The keys of a console that shows a replay, as they are before a file of keys changes them: no action is among them. */
export const REPLAY_BINDINGS: readonly Binding[] = replayBindings();

function replayBindings(): readonly Binding[] {
  const looking = KEYMAP.filter(({ command, acts }) => !acts && !NOT_IN_REPLAY.has(command)).map((each) => ({
    ...each,
    keys: OTHER_KEYS[each.command] ?? each.keys,
  }));
  const [help, ...others] = looking;
  return [...(help === undefined ? [] : [help]), ...REPLAY_KEYMAP, ...others];
}
