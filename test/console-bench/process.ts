import { readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** Processor time of a process so far, in milliseconds; Linux. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

/** Resident memory of a process in mebibytes. */
export function residentMiBOf(pid: number): number {
  return memoryMiBOf(pid, "VmRSS");
}

/** The most that it ever was. */
export function peakMiBOf(pid: number): number {
  return memoryMiBOf(pid, "VmHWM");
}

function memoryMiBOf(pid: number, field: string): number {
  const kibibytes = new RegExp(`${field}:\\s+(\\d+) kB`).exec(
    readFileSync(`/proc/${pid}/status`, "utf8"),
  )?.[1];
  return Number(kibibytes ?? 0) / 1024;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The value below which a share of the figures lies. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(figures: readonly number[]): number {
  return percentile(figures, 0.5);
}
