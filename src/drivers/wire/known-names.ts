import type { NodeName } from "../../schema/ids.ts";
import type { Directory, HelloNode } from "../../schema/session.ts";
import { CLOSE, NAMES_MAX } from "./limits.ts";
import type { Refusal } from "./link.ts";

/** The names a node has heard of. Whoever has the token could make up others for ever. */
export interface KnownNames {
  /** Refuses a node with a new name when there are enough. */
  review(node: HelloNode): Refusal | null;
  /** The nodes whose names are known or still fit. */
  admit(nodes: Directory["nodes"]): Directory["nodes"];
}

export function createKnownNames(onProblem: (text: string) => void): KnownNames {
  const names = new Set<NodeName>();
  let reported = false;

  const isAdmitted = (name: NodeName): boolean => {
    if (names.has(name)) return true;
    if (names.size < NAMES_MAX) {
      names.add(name);
      return true;
    }
    if (!reported) onProblem(`more than ${NAMES_MAX} names of nodes; ${name} and others are ignored`);
    reported = true;
    return false;
  };

  return {
    review(node) {
      if (isAdmitted(node.name)) return null;
      const message = `this node knows ${NAMES_MAX} others already`;
      return { closeCode: CLOSE.policy, code: "too-many-nodes", message };
    },
    admit: (nodes) => nodes.filter(({ name }) => isAdmitted(name)),
  };
}
