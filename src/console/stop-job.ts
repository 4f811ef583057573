/** Stopping takes the kernel no time: who still runs after this was not stopped. */
const STOP_MS = 100;

/**
 * Stops this process and all that a shell started with it, as Ctrl-Z does. Resolves with true once it goes on; with false
 * where no shell started it, in a terminal or a container of its own: there the kernel stops nobody, for nobody could let them go on.
 */
export function stopJob(): Promise<boolean> {
  return new Promise((resolve) => {
    const goOn = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    // A process that was stopped meanwhile has been sent a signal, which is heard before the turn after this one.
    const timer = setTimeout(() => {
      setImmediate(() => {
        process.off("SIGCONT", goOn);
        resolve(false);
      });
    }, STOP_MS);
    process.once("SIGCONT", goOn);
    process.kill(0, "SIGTSTP");
  });
}
