import type { NodeName } from "../../schema/ids.ts";
import type { ResourceRows } from "../../schema/views.ts";
import type { OutcomeChecker } from "./check-outcomes.ts";
import type { Client } from "./client.ts";
import {
  CASH,
  HOT_ITEM,
  HOT_PIECES,
  IN_ITEM,
  type Movement,
  type Order,
  OUT_ITEM,
  PLENTY,
} from "./orders.ts";
import type { Report } from "./violations.ts";

/** What one participant keeps at the end; null where its store was lost on the way. */
export type Kept = ReadonlyMap<NodeName, ResourceRows | null>;

/**
 * Conservation (I8): all that is gone from one place has arrived where it was to go; the sums say which requests
 * committed, each once, the same ones at every participant (I1), and what clients were told agrees with them (I4, I5).
 */
export function checkSums(
  kept: Kept,
  clients: readonly Client[],
  outcomes: OutcomeChecker,
  report: Report,
): void {
  const sums = new Map<string, number>();
  for (const [name, rows] of kept) {
    if (rows === null) continue;
    for (const [what, sum] of sumsOf(name, rows, report)) sums.set(`${name} ${what}`, sum);
  }
  const hasMoved = (order: Order, participant: NodeName, what: Movement): boolean | null => {
    const sum = sums.get(`${participant} ${what}`);
    return sum === undefined ? null : hasBit(sum, order.amount);
  };
  for (const client of clients) {
    const { order } = client;
    const { requestId, moves, mayCommit } = order;
    const moved = moves.flatMap(({ participant, what }) => {
      const is = hasMoved(order, participant, what);
      return is === null ? [] : [{ participant, what, is }];
    });
    if (outcomes.isByHand(requestId)) continue;
    const first = moved[0];
    const other = moved.find(({ is }) => is !== first?.is);
    if (first && other)
      report(
        "I8",
        `${requestId} is ${first.is ? "" : "not "}done at ${first.participant} and ${other.is ? "" : "not "}at ${other.participant}`,
      );
    const isDone = first?.is ?? null;
    const told = client.told();
    if (told?.outcome === "committed" && isDone === false)
      report("I5", `${requestId} was told to be committed, and is not`);
    if (told?.outcome === "aborted" && isDone)
      report("I4", `${requestId} was told to be aborted, and is committed`);
    if (!mayCommit && (isDone || outcomes.commitsOf(requestId).size > 0))
      report("I8", `${requestId} must be refused, and is committed`);
  }
  for (const [place, sum] of sums) checkStrangers(place, sum, clients, outcomes, report);
  checkHot(kept, clients, hasMoved, report);
}

function sumsOf(name: NodeName, rows: ResourceRows, report: Report): (readonly [Movement, number])[] {
  if (rows.kind === "ledger") {
    const cash = rows.accounts.find(({ id }) => id === CASH);
    const pending = rows.accounts.find(
      (account) => account.debitsPending !== "0" || account.creditsPending !== "0",
    );
    if (pending) report("I11", `${name} still holds money of ${pending.id}`);
    return [["paid", Number(cash?.creditsPosted)]];
  }
  const item = (sku: string) => rows.items.find((each) => each.sku === sku);
  const reserved = rows.items.find((each) => each.reserved !== "0");
  if (reserved) report("I11", `${name} still holds ${reserved.reserved} of ${reserved.sku}`);
  return [
    ["out", PLENTY - Number(item(OUT_ITEM)?.onHand)],
    ["in", Number(item(IN_ITEM)?.onHand)],
  ];
}

/** A request that is done twice moves into the place of another. */
function checkStrangers(
  place: string,
  sum: number,
  clients: readonly Client[],
  outcomes: OutcomeChecker,
  report: Report,
): void {
  let rest = sum;
  for (const { order } of clients) {
    const isMover = order.moves.some(({ participant, what }) => `${participant} ${what}` === place);
    // By hand a part is done even of what must be refused.
    if ((isMover || outcomes.isByHand(order.requestId)) && hasBit(sum, order.amount)) rest -= order.amount;
  }
  if (rest !== 0) report("I8", `${place}: ${rest} of ${sum} were moved by nobody`);
}

function checkHot(
  kept: Kept,
  clients: readonly Client[],
  hasMoved: (order: Order, participant: NodeName, what: Movement) => boolean | null,
  report: Report,
): void {
  for (const [name, rows] of kept) {
    if (rows?.kind !== "warehouse") continue;
    let sold = 0;
    for (const { order } of clients)
      if (order.hot?.participant === name && hasMoved(order, name, "out")) sold += order.hot.quantity;
    const left = Number(rows.items.find(({ sku }) => sku === HOT_ITEM)?.onHand);
    if (HOT_PIECES - left !== sold)
      report("I8", `${name} sold ${sold} of ${HOT_ITEM}, and has ${left} of ${HOT_PIECES} left`);
  }
}

function hasBit(sum: number, bit: number): boolean {
  return Math.floor(sum / bit) % 2 === 1;
}
