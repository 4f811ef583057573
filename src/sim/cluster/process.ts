import { TpcError } from "../../core/errors.ts";
import type { Alarm, Clock } from "../../runtime/ports.ts";
import type { Agenda } from "./agenda.ts";

/** Thrown where a fault ends a process: nothing of what it was doing is finished. */
const CRASHED = Symbol("crashed");

/** One run of a program on a machine: it can be stopped and go on, and it ends. */
export interface Process {
  isAlive(): boolean;
  isRunning(): boolean;
  /** Runs something in the process: at once, when it goes on, or never. What it throws ends the process. */
  deliver(run: () => void): void;
  /** Waits in virtual time for an asynchronous part of the process. */
  start(run: () => Promise<void>): void;
  stop(): void;
  goOn(): void;
  /** Nothing of it happens any more. */
  end(): void;
  /** Ends it from within, by a fault. */
  crash(): never;
  /** `wallOffsetMs` is how far the machine's wall clock is off. */
  clock(wallOffsetMs: () => number): Clock;
}

export interface ProcessParts {
  readonly agenda: Agenda;
  /** A fault has ended it from within. */
  readonly onCrash: () => void;
  /** It has thrown what nobody catches. */
  readonly onError: (error: unknown) => void;
}

/** When the world begins, in milliseconds since 1970. */
export const WORLD_BEGINS_MS = Date.UTC(2026, 0, 1);

export function createProcess({ agenda, onCrash, onError }: ProcessParts): Process {
  const bootedMs = agenda.nowMs();
  const backlog: (() => void)[] = [];
  let isAlive = true;
  let isStopped = false;

  const settle = (error: unknown) => {
    // What fails after the end fails nowhere.
    if (!isAlive) return;
    if (error === CRASHED) return onCrash();
    onError(error);
  };
  const run = (act: () => void) => {
    try {
      act();
    } catch (error) {
      settle(error);
    }
  };
  const deliver = (act: () => void) => {
    if (!isAlive) return;
    if (isStopped) backlog.push(act);
    else run(act);
  };

  return {
    isAlive: () => isAlive,
    isRunning: () => isAlive && !isStopped,
    deliver,
    start: (act) => deliver(() => void act().catch(settle)),
    stop() {
      isStopped = true;
    },
    goOn() {
      isStopped = false;
      // One after another, as a process that wakes up takes in what has come meanwhile.
      for (const act of backlog.splice(0)) agenda.after(0, () => deliver(act));
    },
    end() {
      isAlive = false;
      backlog.length = 0;
    },
    crash() {
      if (isAlive) onCrash();
      throw CRASHED;
    },
    clock: (wallOffsetMs) => ({
      nowMs: () => agenda.nowMs() - bootedMs,
      wallMs: () => WORLD_BEGINS_MS + Math.round(agenda.nowMs() + wallOffsetMs()),
      schedule: (delayMs, fire) => agenda.after(delayMs, () => deliver(fire)),
      setAlarm(delayMs, ring, what): ProcessAlarm {
        const dueMs = agenda.nowMs() - bootedMs + delayMs;
        return { what, dueMs, cancel: agenda.after(delayMs, () => deliver(() => ring(what))) };
      },
      cancelAlarm: ({ cancel }: ProcessAlarm) => cancel(),
      defer: (act) => void agenda.after(0, () => deliver(act)),
    }),
  };
}

interface ProcessAlarm extends Alarm {
  readonly cancel: () => void;
}

/** What ends a process by its own will, as an exit status says: a log that failed. */
export function isExit(error: unknown): error is TpcError {
  return error instanceof TpcError && error.code === "TPC_LOG_WRITE";
}
