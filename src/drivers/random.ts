import type { Random } from "../runtime/ports.ts";

export type { Random } from "../runtime/ports.ts";

/** Chance as the machine gives it. Good for jitter, never for secrets. */
export function createRandom(): Random {
  return { next: () => Math.random() };
}
