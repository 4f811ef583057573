/** Computes each result once. */
export function remember<Argument, Result>(
  compute: (argument: Argument) => Result,
): (argument: Argument) => Result {
  const known = new Map<Argument, Result>();
  return (argument) => {
    const before = known.get(argument);
    if (before !== undefined) return before;
    const result = compute(argument);
    known.set(argument, result);
    return result;
  };
}

/** The same for whole numbers from 0 on. */
export function rememberById<Result>(compute: (id: number) => Result): (id: number) => Result {
  const known: Result[] = [];
  return (id) => {
    const before = known[id];
    if (before !== undefined) return before;
    const result = compute(id);
    known[id] = result;
    return result;
  };
}
