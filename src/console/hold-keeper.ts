import { nodeStatus } from "../observe/node-status.ts";
import type { Operator } from "../observe/ports.ts";
import type { NodeName } from "../schema/ids.ts";
import type { ModelStore } from "./model-store.ts";
import type { Store } from "./store.ts";
import type { Ui } from "./ui.ts";

/**
 * Sees to it that a node that comes back while the user holds the protocol is held again, for a hold belongs to a run of a node;
 * and that one that stood still as the user let go does not hold on once it goes on. Returns the function that ends it.
 */
export function keepHolding(
  ui: Store<Ui>,
  model: Pick<ModelStore, "get" | "subscribe">,
  operator: Pick<Operator, "hold">,
): () => void {
  const held = new Map<NodeName, number>();
  /** Nodes that could not be told to let go. */
  const owed = new Map<NodeName, number>();

  const hold = (): void => {
    owed.clear();
    for (const { name, view, link } of model.get().nodes.values()) {
      if (view === null || !view.faultInjection || link !== "connected") continue;
      if (held.get(name) === view.epoch) continue;
      held.set(name, view.epoch);
      // To ask twice does no harm; a node that cannot be asked is asked again when it is heard of.
      operator.hold(name, true).catch(() => held.delete(name));
    }
  };
  const letGo = (): void => {
    const { nodes } = model.get();
    const isUp = (name: NodeName): boolean => {
      const node = nodes.get(name);
      return node !== undefined && nodeStatus(node) === "up";
    };
    // Those that are up are told by what the user does.
    for (const [name, epoch] of held) if (!isUp(name)) owed.set(name, epoch);
    held.clear();
    for (const [name, epoch] of owed) {
      if (!isUp(name)) continue;
      owed.delete(name);
      if (nodes.get(name)?.view?.epoch === epoch)
        operator.hold(name, false).catch(() => owed.set(name, epoch));
    }
  };
  const check = (): void => (ui.get().holds ? hold() : letGo());
  const cancels = [ui.subscribe(check), model.subscribe(check)];
  return () => {
    for (const cancel of cancels) cancel();
  };
}
