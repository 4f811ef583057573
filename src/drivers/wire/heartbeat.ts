import type { Clock } from "../../runtime/ports.ts";

export interface HeartbeatOptions {
  readonly clock: Pick<Clock, "nowMs" | "schedule">;
  readonly periodMs: number;
  readonly missedMax: number;
  ping(payload: string): void;
  roundTrip(milliseconds: number): void;
  dead(): void;
}

export interface Heartbeat {
  start(): void;
  /** Anything arrived from the other end. */
  alive(): void;
  /** A pong with this payload arrived. */
  answered(payload: string): void;
  stop(): void;
}

/**
 * Pings every `periodMs`; the other end is dead after `missedMax` pings in a row without a sign of life.
 * It counts pings and not time: a process that was stopped for minutes finds one ping missed when it goes on,
 * and does not cut links that are well.
 */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  let missed = 0;
  let sent = { payload: "", atMs: 0 };
  let count = 0;
  let cancel = () => {};

  const beat = () => {
    if (missed >= options.missedMax) {
      options.dead();
      return;
    }
    missed += 1;
    count += 1;
    sent = { payload: String(count), atMs: options.clock.nowMs() };
    cancel = options.clock.schedule(options.periodMs, beat);
    options.ping(sent.payload);
  };

  return {
    start: beat,
    alive: () => {
      missed = 0;
    },
    answered: (payload) => {
      missed = 0;
      if (payload === sent.payload) options.roundTrip(options.clock.nowMs() - sent.atMs);
    },
    stop: () => cancel(),
  };
}
