import { type HeldAt, heldMessages, heldPhase, isHolding } from "../../observe/held.ts";
import { hasManyCoordinators } from "../../observe/node-status.ts";
import { shortId } from "../../observe/short-id.ts";
import type { NodeName } from "../../schema/ids.ts";
import { cutMenu } from "../dialogs/menus.ts";
import { injectableNodes, whyNoFaults } from "../injectable.ts";
import type { InjectAction } from "../injecting.ts";
import { keyHint, keyNote } from "../keymap.ts";
import { preferredNode } from "../selection.ts";
import type { Session } from "../session.ts";

/** What is injected, and everything that can be. */
export function openFaults(session: Session): void {
  if (isPossible(session))
    session.change({ dialog: { type: "faults", index: null, preferred: preferredNode(session.view()) } });
}

export function openCut(session: Session): void {
  if (isPossible(session)) session.change({ dialog: cutMenu(session.model.get()) });
}

/** Freezes the protocol, or lets it go on by itself. */
export function toggleHold(session: Session): void {
  if (!isPossible(session)) return;
  const model = session.model.get();
  const nodes = injectableNodes(model).map(({ name }) => name);
  const { holds } = session.ui.get();
  if (!holds && isHolding(model))
    say(session, "another client holds the cluster too; now both have to let go");
  session.act({ type: "hold", nodes, hold: !holds });
}

export function openHeld(session: Session): void {
  if (!isHolding(session.model.get()))
    return say(session, `nothing is held${keyHint(session.ui.get().bindings, "hold", "holds the protocol")}`);
  session.change({ dialog: { type: "held", index: 0 } });
}

/** Lets the message go that has waited longest, or its whole phase. */
export function letGo(session: Session, what: "event" | "phase"): void {
  const model = session.model.get();
  const { bindings } = session.ui.get();
  if (!isHolding(model)) {
    return say(
      session,
      `nothing is held${keyHint(bindings, "hold", "holds the protocol, to go on step by step")}`,
    );
  }
  const chosen = what === "phase" ? heldPhase(model) : heldMessages(model).slice(0, 1);
  if (chosen.length === 0) {
    const goesOn = keyHint(bindings, "hold", "goes on");
    return say(session, `no message waits: an order${keyNote(bindings, "order")} brings some${goesOn}`);
  }
  session.act(releaseOf(session, chosen, false));
}

export function releaseOf(session: Session, all: readonly HeldAt[], drop: boolean): InjectAction {
  const byNode = new Map<NodeName, number[]>();
  for (const { node, held } of all) byNode.set(node, [...(byNode.get(node) ?? []), held.id]);
  const ids = [...byNode].map(([node, own]) => ({ node, ids: own }));
  return { type: "release", what: wordsOf(session, all), ids, drop };
}

function wordsOf(session: Session, all: readonly HeldAt[]): string {
  const [first] = all;
  if (first === undefined) return "nothing";
  const id = shortId(first.held.transactionId, hasManyCoordinators(session.model.get()));
  if (all.length > 1) return `${all.length} × ${first.held.message} of ${id}`;
  return `${first.held.message} of ${id}, ${first.node} to ${first.held.to}`;
}

function isPossible(session: Session): boolean {
  const why = whyNoFaults(session.model.get());
  if (why !== null) say(session, why);
  return why === null;
}

function say(session: Session, text: string): void {
  session.change({ flash: { text, tone: "warn" } });
}
