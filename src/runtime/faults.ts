import type { Fault } from "../schema/session.ts";
import { LOOP_POINTS } from "./crash-points.ts";

/** Faults that are armed in this node. Without fault injection there is no such object, and no point can be reached. */
export interface Faults {
  arm(fault: Fault, count: number): void;
  /** True when the fault was armed; uses it up once. */
  fires(fault: Fault): boolean;
  /** Lets the node crash at the `count`th time it gets to the point, 0 never. False where there is no such point. */
  armPoint(point: string, count: number): boolean;
  /** Whether a crash is armed at any point: while none is, points need not be told. */
  hasPoints(): boolean;
  /** Tells that the loop is at a named point; does not return where a crash was armed there. */
  reach(point: string): void;
  /** Ends the process as a power cut would: nothing is flushed, nobody is told. */
  crash(): void;
  armed(): readonly { readonly fault: Fault; readonly count: number }[];
  armedPoints(): readonly { readonly point: string; readonly count: number }[];
  /** Calls `listener` with each fault that has fired, unless it was a crash. */
  onFired(listener: (fault: Fault) => void): void;
}

const POINTS: ReadonlySet<string> = new Set(LOOP_POINTS);

export function createFaults(crash: () => void): Faults {
  const counts = new Map<Fault, number>();
  const points = new Map<string, number>();
  const listeners: ((fault: Fault) => void)[] = [];
  return {
    arm(fault, count) {
      if (count > 0) counts.set(fault, count);
      else counts.delete(fault);
    },
    fires(fault) {
      // Asked a dozen times a transaction, and mostly nothing is armed.
      if (counts.size === 0) return false;
      const count = counts.get(fault) ?? 0;
      if (count === 0) return false;
      if (count === 1) counts.delete(fault);
      else counts.set(fault, count - 1);
      if (!fault.startsWith("crash-")) for (const listener of listeners) listener(fault);
      return true;
    },
    armPoint(point, count) {
      if (!POINTS.has(point)) return false;
      if (count > 0) points.set(point, count);
      else points.delete(point);
      return true;
    },
    hasPoints: () => points.size > 0,
    reach(point) {
      const count = points.get(point) ?? 0;
      if (count === 0) return;
      if (count === 1) crash();
      points.set(point, count - 1);
    },
    crash,
    armed: () => [...counts].map(([fault, count]) => ({ fault, count })),
    armedPoints: () => [...points].map(([point, count]) => ({ point, count })),
    onFired: (listener) => void listeners.push(listener),
  };
}
