import { constants } from "node:os";

/** Whatever would end a process ends it in order. */
const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"] as const;

/**
 * Calls `end` once at the first signal that ends, and then ends the process with 128 + the signal's number. The terminal and
 * the launcher may both send a Ctrl-C, so further signals wait for the same end. Returns the function that stops listening.
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
  process.on("SIGUSR1", goOn);
  return () => {
    for (const signal of END_SIGNALS) process.off(signal, leave);
    process.off("SIGUSR1", goOn);
  };
}

/** Node would open a port to debuggers, and say so across the screen. */
function goOn(): void {}
