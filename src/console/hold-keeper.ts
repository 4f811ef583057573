import type { Operator } from "../observe/ports.ts";
import type { NodeName } from "../schema/ids.ts";
import type { ModelStore } from "./model-store.ts";
import type { Store } from "./store.ts";
import type { Ui } from "./ui.ts";

/**
 * Sees to it that a node that comes back while the user holds the protocol is held again: a hold belongs to a run of a node.
 * Returns the function that ends it.
 */
export function keepHolding(
  ui: Store<Ui>,
  model: Pick<ModelStore, "get" | "subscribe">,
  operator: Pick<Operator, "hold">,
): () => void {
  const held = new Map<NodeName, number>();
  const check = (): void => {
    if (!ui.get().holds) return held.clear();
    for (const { name, view, link } of model.get().nodes.values()) {
      if (view === null || !view.faultInjection || link !== "connected") continue;
      if (held.get(name) === view.epoch) continue;
      held.set(name, view.epoch);
      // To ask twice does no harm; a node that cannot be asked is asked again when it is heard of.
      operator.hold(name, true).catch(() => held.delete(name));
    }
  };
  return model.subscribe(check);
}
