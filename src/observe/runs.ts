import { parseTransactionId } from "../core/ids.ts";
import type { NodeName } from "../schema/ids.ts";
import type { Model, Transaction } from "./model.ts";

/** In which of its runs a node began with a transaction. */
interface Began {
  readonly name: NodeName;
  readonly epoch: number;
}

/**
 * The nodes that have started anew since they began with a transaction: they count what their present run spends on it, and what
 * a run did before anybody heard it is not told.
 */
export function restartedNodes(model: Model, transaction: Transaction): ReadonlySet<NodeName> {
  const { id, coordinator, coordinatorView: view } = transaction;
  const began = (view?.branches ?? []).flatMap(({ name, preparedAt }): readonly Began[] =>
    preparedAt === null ? [] : [{ name, epoch: preparedAt.epoch }],
  );
  if (coordinator !== null) began.push({ name: coordinator, epoch: parseTransactionId(id).epoch });
  const isAnew = ({ name, epoch }: Began): boolean => (model.nodes.get(name)?.epoch ?? epoch) > epoch;
  return new Set(began.filter(isAnew).map(({ name }) => name));
}
