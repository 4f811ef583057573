import type { ClusterOperator } from "../client/operator.ts";

/** An operator that is made when it is first asked, so that a console's first frame need not wait for it. */
export function lateOperator(make: () => Promise<ClusterOperator>): ClusterOperator {
  let made: Promise<ClusterOperator> | null = null;
  const operator = (): Promise<ClusterOperator> => {
    made ??= make();
    return made;
  };
  return {
    submit: async (request) => (await operator()).submit(request),
    armFault: async (node, fault, count) => (await operator()).armFault(node, fault, count),
    armCrash: async (node, point, count) => (await operator()).armCrash(node, point, count),
    cutLink: async (node, peer, direction) => (await operator()).cutLink(node, peer, direction),
    hold: async (node, hold) => (await operator()).hold(node, hold),
    releaseHeld: async (node, ids, drop) => (await operator()).releaseHeld(node, ids, drop),
    resolve: async (node, request) => (await operator()).resolve(node, request),
    close() {
      made?.then(
        (one) => one.close(),
        () => {},
      );
    },
  };
}
