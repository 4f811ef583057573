import type { NodeName } from "../../schema/ids.ts";

/** Which ways between machines are cut. A way leads in one direction. */
export interface Paths {
  isOpen(from: NodeName, to: NodeName): boolean;
  cut(from: NodeName, to: NodeName): void;
  heal(from: NodeName, to: NodeName): void;
  healAll(): void;
  /** Differs from what it was if the way has been cut or healed since. */
  changes(from: NodeName, to: NodeName): number;
}

export function createPaths(): Paths {
  const cuts = new Set<string>();
  const changed = new Map<string, number>();
  const note = (key: string) => changed.set(key, (changed.get(key) ?? 0) + 1);
  return {
    isOpen: (from, to) => !cuts.has(`${from} ${to}`),
    cut(from, to) {
      cuts.add(`${from} ${to}`);
      note(`${from} ${to}`);
    },
    heal(from, to) {
      if (cuts.delete(`${from} ${to}`)) note(`${from} ${to}`);
    },
    healAll() {
      for (const key of cuts) note(key);
      cuts.clear();
    },
    changes: (from, to) => changed.get(`${from} ${to}`) ?? 0,
  };
}
