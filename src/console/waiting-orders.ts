import { counted } from "../observe/figures.ts";
import type { Model } from "../observe/model.ts";
import { unfinishedCount } from "../observe/tally.ts";
import type { Ui } from "./ui.ts";
import type { View } from "./view.ts";

/** A burst sends a thousand, and most are answered in a moment: what waits is told no more often than this. */
const TOLD_EVERY_MS = 200;

/** An order that was sent from here and has no answer yet. */
export interface WaitingOrder {
  readonly requestId: string;
  /** When it is given up, by the wall clock. */
  readonly untilMs: number;
}

/** Keeps which orders wait for an answer. What it returns takes one on, and returns how to say that its answer has come. */
export function keepWaiting(
  tell: (waiting: readonly WaitingOrder[]) => void,
): (order: WaitingOrder) => () => void {
  const waiting = new Set<WaitingOrder>();
  let isToBeTold = false;
  let told = 0;
  const change = (): void => {
    if (isToBeTold) return;
    isToBeTold = true;
    setTimeout(() => {
      isToBeTold = false;
      if (told === 0 && waiting.size === 0) return;
      told = waiting.size;
      tell([...waiting]);
    }, TOLD_EVERY_MS).unref();
  };
  return (order) => {
    waiting.add(order);
    change();
    return () => {
      waiting.delete(order);
      change();
    };
  };
}

/** Orders that were sent from here and that no coordinator has taken up yet: no transaction tells of them. */
export function waitingOrders(model: Model, { waiting }: Pick<Ui, "waiting">): number {
  if (waiting.length === 0) return 0;
  const taken = new Set<string>();
  for (const { coordinatorView } of model.transactions.values()) {
    if (coordinatorView !== null) taken.add(coordinatorView.requestId);
  }
  return waiting.filter(({ requestId }) => !taken.has(requestId)).length;
}

/** What is not finished: transactions, and orders that wait to become one. */
export function openCount(model: Model, ui: Pick<Ui, "waiting">): number {
  return unfinishedCount(model) + waitingOrders(model, ui);
}

/** Empty where none waits. */
export function waitingText({ model, ui }: View): string {
  const count = waitingOrders(model, ui);
  if (count === 0) return "";
  return `${counted(count, "order", "orders")} from here ${count === 1 ? "waits" : "wait"} for the coordinator to answer`;
}
