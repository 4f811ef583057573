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

/** The same for pairs of whole numbers from 0 on. */
export function rememberByTwo<Result>(
  compute: (one: number, other: number) => Result,
): (one: number, other: number) => Result {
  const known: Result[][] = [];
  return (one, other) => {
    let row = known[one];
    if (!row) {
      row = [];
      known[one] = row;
    }
    const before = row[other];
    if (before !== undefined) return before;
    const result = compute(one, other);
    row[other] = result;
    return result;
  };
}

/** Remembers the last two: a state is looked at once as the one after, and many times in a row as the one before. */
export function lastRemembered<Argument, Result>(
  compute: (argument: Argument) => Result,
): (argument: Argument) => Result {
  interface Known {
    readonly argument: Argument;
    readonly result: Result;
  }
  let [newest, older]: (Known | null)[] = [null, null];
  return (argument) => {
    if (newest?.argument === argument) return newest.result;
    const known = older?.argument === argument ? older : { argument, result: compute(argument) };
    [newest, older] = [known, newest ?? null];
    return known.result;
  };
}
