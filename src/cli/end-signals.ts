import { constants } from "node:os";

const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Calls `end` once at the first of SIGINT, SIGTERM and SIGHUP, and then ends the process with 128 + the signal's
 * number. The terminal and the launcher may both send a Ctrl-C, so further signals wait for the same end.
 * Returns the function that stops listening.
 */
export function onEndSignals(end: () => Promise<void>): () => void {
  let ending = false;
  const leave = (signal: NodeJS.Signals): void => {
    if (ending) return;
    ending = true;
    const status = 128 + constants.signals[signal];
    end().then(
      () => process.exit(status),
      () => process.exit(status),
    );
  };
  for (const signal of END_SIGNALS) process.on(signal, leave);
  return () => {
    for (const signal of END_SIGNALS) process.off(signal, leave);
  };
}
