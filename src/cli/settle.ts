/**
 * Resolves when every promise that can go on without the world has gone on. A tick is taken only when the queue of promises is
 * empty, and costs no turn of the event loop.
 */
export async function settle(): Promise<void> {
  await null; // From here on the queue is being emptied.
  await new Promise<void>((resolve) => process.nextTick(resolve));
}

/** One turn of the event loop: signals, timers and other tests get theirs between two seeds. */
export function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
