import { parseTransactionId } from "../../core/ids.ts";
import type { NodeInput } from "../../core/node.ts";
import { previewResolve, type ResolveRequest } from "../../core/resolve-desk.ts";
import type { TransactionId } from "../../schema/ids.ts";
import type { Process } from "./process.ts";

/** Something that an operator can say to a process now, and the command of a golden trace that says it. */
export interface OperatorWord {
  readonly command: string;
  readonly input: NodeInput;
}

const ACTIONS = ["commit", "abort", "forget"] as const;
const VERDICT = { by: "ann", reason: "told by phone", atMs: 0 };

/** Everything that would be accepted; a hazard only where nothing is known. */
export function operatorWords({ name, node }: Process): OperatorWord[] {
  if (!node) return [];
  const known = new Set<TransactionId>([
    ...node.participant.transactions.keys(),
    ...node.coordinator.transactions.keys(),
  ]);
  return [...known].flatMap((transactionId) =>
    ACTIONS.flatMap((action): OperatorWord[] => {
      const hazards = action === "forget" ? [false, true] : [false];
      const acceptHazard = hazards.find(
        (accepts) => previewResolve(node, wordOf(transactionId, action, accepts)).accepted,
      );
      if (acceptHazard === undefined) return [];
      const hazard = acceptHazard ? " hazard" : "";
      return [
        {
          command: `resolve ${name} ${placeOf(transactionId)} ${action}${hazard}`,
          input: { type: "resolve-asked", request: wordOf(transactionId, action, acceptHazard) },
        },
      ];
    }),
  );
}

/** What is left to an operator once the decision is known: to take note that it was another. */
export function noteToTake(process: Process): OperatorWord | null {
  return operatorWords(process).find(({ command }) => command.endsWith(" forget")) ?? null;
}

function wordOf(
  transactionId: TransactionId,
  action: ResolveRequest["action"],
  acceptHazard: boolean,
): ResolveRequest {
  return { transactionId, action, verdict: VERDICT, acceptHazard };
}

/** `NAME:EPOCH.COUNTER`, as the console shows it. */
function placeOf(transactionId: TransactionId): string {
  const { coordinatorName, epoch, counter } = parseTransactionId(transactionId);
  return `${coordinatorName}:${epoch}.${counter}`;
}
