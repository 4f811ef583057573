import type { Random } from "../../runtime/ports.ts";

/** Waiting times that double from `backoffMinMs` to `backoffMaxMs`, each drawn from the upper half of its step. */
export function createBackoff(
  timing: { readonly backoffMinMs: number; readonly backoffMaxMs: number },
  random: Random,
): { nextMs(): number; reset(): void } {
  let stepMs = timing.backoffMinMs;
  return {
    nextMs: () => {
      const delayMs = stepMs * (0.5 + 0.5 * random.next());
      stepMs = Math.min(stepMs * 2, timing.backoffMaxMs);
      return delayMs;
    },
    reset: () => {
      stepMs = timing.backoffMinMs;
    },
  };
}
