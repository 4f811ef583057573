/** One promise, what was measured, and whether it holds. */
export interface Verdict {
  readonly what: string;
  readonly measured: string;
  readonly promised: string;
  readonly holds: boolean;
  /** It does not hold, and misses by less than the error of what was measured: another run may tell. */
  readonly isUndecided?: boolean;
}

export function verdictLine({ what, measured, promised, holds, isUndecided = false }: Verdict): string {
  const sign = holds ? "+" : isUndecided ? "~" : "x";
  return `${sign} ${what.padEnd(46)} ${measured.padEnd(34)} promised ${promised}`;
}
