/** What happened in one second of the wall clock. */
export interface Pulse {
  /** Seconds since 1970. */
  readonly second: number;
  /** Events that are worth a line. */
  readonly events: number;
  /** Transactions that committed, and what they took together, in milliseconds. */
  readonly committed: number;
  readonly tookMs: number;
}

/** How many seconds a model remembers. */
export const PULSES_MAX = 60;

export function secondOf(atMs: number): number {
  return Math.floor(atMs / 1000);
}

/** Adds what happened at a moment to its second; what is too old for the oldest second is left out. */
export function addPulse(
  pulses: readonly Pulse[],
  atMs: number,
  change: Partial<Omit<Pulse, "second">>,
): readonly Pulse[] {
  const second = secondOf(atMs);
  const index = pulses.findLastIndex((pulse) => pulse.second <= second);
  const before = pulses[index];
  if (before?.second === second) {
    return pulses.with(index, {
      second,
      events: before.events + (change.events ?? 0),
      committed: before.committed + (change.committed ?? 0),
      tookMs: before.tookMs + (change.tookMs ?? 0),
    });
  }
  if (index === -1 && pulses.length >= PULSES_MAX) return pulses;
  const fresh = { second, events: 0, committed: 0, tookMs: 0, ...change };
  return pulses.toSpliced(index + 1, 0, fresh).slice(-PULSES_MAX);
}

/** The last whole seconds before `nowMs`, oldest first, quiet ones too. */
export function lastSeconds(pulses: readonly Pulse[], nowMs: number, count: number): readonly Pulse[] {
  const bySecond = new Map(pulses.map((pulse) => [pulse.second, pulse]));
  const last = secondOf(nowMs) - 1;
  return Array.from({ length: count }, (_, index) => {
    const second = last - count + 1 + index;
    return bySecond.get(second) ?? { second, events: 0, committed: 0, tookMs: 0 };
  });
}

const LEVELS = " ▁▂▃▄▅▆▇█";

/** One cell a figure, from blank for nothing to a whole block for the largest. */
export function sparkline(figures: readonly number[]): string {
  const most = Math.max(0, ...figures);
  return figures
    .map((figure) => (figure <= 0 ? " " : (LEVELS[Math.max(1, Math.round((figure / most) * 8))] ?? " ")))
    .join("");
}
