/** Decides what the world does where the protocol leaves it open: one of the options, the first where nobody objects. */
export type Choose = <Option extends string>(options: readonly [Option, ...Option[]]) => Option;

/** One way in which a run went: what was chosen, in order, and what came of it. */
export interface Way<Result> {
  readonly chosen: readonly string[];
  readonly result: Result;
}

/** Runs once for every combination of choices that the run asks for. The run must do the same where it is told the same. */
export function everyWay<Result>(run: (choose: Choose) => Result): Way<Result>[] {
  const ways: Way<Result>[] = [];
  /** For each choice so far the option that is taken next time, and how many there are. */
  let script: { at: number; readonly count: number }[] = [];
  do {
    const chosen: string[] = [];
    const result = run((options) => {
      const step = script[chosen.length] ?? { at: 0, count: options.length };
      if (chosen.length === script.length) script.push(step);
      const option = options[step.at] ?? options[0];
      chosen.push(option);
      return option;
    });
    ways.push({ chosen, result });
    script = nextScript(script);
  } while (script.length > 0);
  return ways;
}

/** The last choice that has an option left takes it; those behind it will be asked for anew. */
function nextScript(script: { at: number; readonly count: number }[]): { at: number; count: number }[] {
  const last = script.findLastIndex(({ at, count }) => at + 1 < count);
  return script
    .slice(0, last + 1)
    .map(({ at, count }, index) => ({ at: index === last ? at + 1 : at, count }));
}
