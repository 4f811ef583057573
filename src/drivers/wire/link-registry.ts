import { CLOSE } from "./limits.ts";
import type { Link } from "./link.ts";

/** Every open link of a node, whoever is at its other end, so that all can be closed. */
export interface LinkRegistry {
  add(link: Link): void;
  remove(link: Link): void;
  /** Closes all, and every one that is added later. */
  closeAll(why: string): void;
  /** Resolves when none is open. */
  allClosed(): Promise<void>;
}

export function createLinkRegistry(): LinkRegistry {
  const links = new Set<Link>();
  let closing: string | null = null;
  let resolveEmpty = () => {};
  return {
    add(link) {
      links.add(link);
      if (closing !== null) link.close(CLOSE.goingAway, closing);
    },
    remove(link) {
      links.delete(link);
      if (links.size === 0) resolveEmpty();
    },
    closeAll(why) {
      closing = why;
      for (const link of links) link.close(CLOSE.goingAway, why);
    },
    allClosed: () =>
      new Promise((resolve) => {
        resolveEmpty = resolve;
        if (links.size === 0) resolve();
      }),
  };
}
