import { TpcError } from "../core/errors.ts";
import type { HeadlessClock } from "./ports.ts";
import type { Stage } from "./scenario.ts";

const WAIT_TIMEOUT_MS = 20_000;
const POLL_MS = 15;

/** Makes a stage's `waitFor`: it asks every 15 ms, for at most 20 s. */
export function makeWaitFor(clock: HeadlessClock): Stage["waitFor"] {
  return async (what, probe) => {
    const deadlineMs = clock.nowMs() + WAIT_TIMEOUT_MS;
    for (;;) {
      const found = await probe().catch(() => null);
      if (found !== null) return found;
      if (clock.nowMs() >= deadlineMs) {
        throw new TpcError("TPC_NODE_FAILED", `waited ${WAIT_TIMEOUT_MS} ms in vain for ${what}`);
      }
      await clock.pause(POLL_MS);
    }
  };
}
