/** The strongly connected parts of a graph of steps: whoever is in one comes to everything in it, and in those after it. */
export interface Components {
  /** Undefined for what no step was seen of. */
  of(node: number): number | undefined;
  membersOf(component: number): readonly number[];
  /** Those to which a step leads, without the component itself. */
  after(component: number): readonly number[];
}

/** After Tarjan; a stack of its own in place of recursion, since a way through the steps may be long. */
export function componentsOf(steps: readonly (ReadonlySet<number> | undefined)[]): Components {
  const order: number[] = [];
  const low: number[] = [];
  const component: number[] = [];
  const members: number[][] = [];
  const open: number[] = [];
  let count = 0;

  const enter = (node: number) => {
    order[node] = count;
    low[node] = count;
    count += 1;
    open.push(node);
    return { node, nexts: [...(steps[node] ?? [])], at: 0 };
  };
  const close = (node: number) => {
    const found: number[] = [];
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      component[member] = members.length;
      found.push(member);
      if (member === node) break;
    }
    members.push(found);
  };
  const lower = (node: number, to: number) => {
    low[node] = Math.min(low[node] ?? to, to);
  };

  for (let root = 0; root < steps.length; root += 1) {
    if (!steps[root] || order[root] !== undefined) continue;
    const way = [enter(root)];
    for (let top = way.at(-1); top; top = way.at(-1)) {
      const next = top.nexts[top.at];
      top.at += 1;
      if (next === undefined) {
        way.pop();
        if (low[top.node] === order[top.node]) close(top.node);
        const below = way.at(-1);
        if (below) lower(below.node, low[top.node] ?? 0);
      } else if (order[next] === undefined) way.push(enter(next));
      else if (component[next] === undefined) lower(top.node, order[next] ?? 0);
    }
  }
  const after = members.map((nodes, self) => {
    const nexts = new Set(
      nodes.flatMap((node) => [...(steps[node] ?? [])].map((next) => component[next] ?? self)),
    );
    nexts.delete(self);
    return [...nexts];
  });
  return {
    of: (node) => component[node],
    membersOf: (one) => members[one] ?? [],
    after: (one) => after[one] ?? [],
  };
}
