/** One promise, what was measured, and whether it holds. */
export interface Verdict {
  readonly what: string;
  readonly measured: string;
  readonly promised: string;
  readonly holds: boolean;
}

export function verdictLine({ what, measured, promised, holds }: Verdict): string {
  return `${holds ? "+" : "x"} ${what.padEnd(46)} ${measured.padEnd(34)} promised ${promised}`;
}
