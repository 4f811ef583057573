import { FAULTS } from "../schema/faults.ts";
import type { Fault } from "../schema/session.ts";

/** Faults that are armed in this node. Without fault injection there is no such object, and no point can be reached. */
export interface Faults {
  arm(fault: Fault, count: number): void;
  /** True when the fault was armed; uses it up once. */
  fires(fault: Fault): boolean;
  /** Ends the process as a power cut would: nothing is flushed, nobody is told. */
  crash(): void;
  armed(): readonly string[];
}

export function createFaults(crash: () => void): Faults {
  const counts = new Map<Fault, number>();
  return {
    arm(fault, count) {
      if (count > 0) counts.set(fault, count);
      else counts.delete(fault);
    },
    fires(fault) {
      const count = counts.get(fault) ?? 0;
      if (count === 0) return false;
      if (count === 1) counts.delete(fault);
      else counts.set(fault, count - 1);
      return true;
    },
    crash,
    armed: () => [...counts].map(([fault, count]) => `${fault} ×${count}: ${FAULTS[fault]}`),
  };
}
