/** Something that is due at a time. */
export interface Due {
  /** Milliseconds on a clock that never goes back. */
  readonly dueMs: number;
  /** What is due at one moment goes in the order of these. */
  readonly number: number;
}

/** Whether the one goes before the other. */
export function isDueBefore(one: Due, other: Due): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.number < other.number);
}

/** Adds to a binary heap, in which each is due no later than the two at twice its place; a list in order is one. */
export function addDue<Each extends Due>(heap: Each[], added: Each): void {
  let at = heap.length;
  heap.push(added);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isDueBefore(added, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = added;
}

/** Takes out what is due first. */
export function takeDue<Each extends Due>(heap: Each[]): Each | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const isRight = left !== undefined && right !== undefined && isDueBefore(right, left);
    const child = isRight ? right : left;
    if (child === undefined || !isDueBefore(child, last)) break;
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
  return first;
}
