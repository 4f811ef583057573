import type { NodeInput } from "../../core/node.ts";
import type { NodeName, RequestId, StoreId } from "../../schema/ids.ts";
import type { CoreModelOptions } from "./options.ts";

/** One node of the cluster. Its place in the list is its place in a state. */
export interface Member {
  readonly name: NodeName;
  readonly storeId: StoreId;
  readonly isParticipant: boolean;
  /** The client sends its request here. */
  readonly isCoordinator: boolean;
}

/** The id of the client's request. */
export const REQUEST = "r";

/** Coordinators first, then participants; where they are joint, the first participants are the coordinators. */
export function membersOf({ participants, coordinators, isJoint }: CoreModelOptions): Member[] {
  const several = Array.from({ length: coordinators }, (_, index) => `c${index + 1}`);
  const apart = isJoint ? [] : coordinators === 1 ? ["coordinator"] : several;
  const names = [...apart, ...Array.from({ length: participants }, (_, index) => `p${index + 1}`)];
  return names.map((name, index) => ({
    name: name as NodeName,
    storeId: String(index + 1).padStart(12, "0") as StoreId,
    isParticipant: index >= apart.length,
    isCoordinator: index < coordinators,
  }));
}

/** The client's request: every participant posts a token, but for the last ones, who read. */
export function beginOf(
  members: readonly Member[],
  readers: number,
  { requestId, isFirstSend }: { readonly requestId: string; readonly isFirstSend: boolean },
): NodeInput {
  const participants = members.filter(({ isParticipant }) => isParticipant);
  const operations = participants.map(({ name }, index) => ({
    participant: name,
    op: index < participants.length - readers ? "post" : "read",
  }));
  return {
    type: "begin-received",
    request: {
      requestId: requestId as RequestId,
      issuedAtMs: 1,
      operations,
      timeoutMs: 1,
      digest: "d",
      isFirstSend,
    },
  };
}
