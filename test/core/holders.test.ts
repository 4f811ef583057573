import { expect, test } from "vitest";
import { namingHolders } from "../../src/core/holders.ts";
import { makeNodeState } from "../../src/core/node-state.ts";
import type { ParticipantState } from "../../src/core/participant-state.ts";
import { enterState } from "../../src/core/participant-tables.ts";
import { reasonFor, reservedReason } from "../../src/core/reasons.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import type { NodeName, RequestId, StoreId, TransactionId } from "../../src/schema/ids.ts";
import { HOLDERS_NAMED_MAX } from "../../src/schema/reasons.ts";

// A refusal for want of a reserved row names the transactions in doubt that hold it, so that they show who waits behind them.

const self = { name: "warehouse" as NodeName, url: "" };
const storeId = "00000000000a" as StoreId;
const idOf = (counter: number, coordinator = "coordinator") =>
  `${coordinator}-00000000000c.1.${counter}` as TransactionId;

function nodeOf() {
  return makeNodeState({ self, storeId, epoch: 1, settings: DEFAULT_SETTINGS, isParticipant: true });
}

function enter(node: ReturnType<typeof nodeOf>, id: TransactionId, key: string, isOver = false): void {
  const job = {
    transactionId: id,
    requestId: `of ${id}` as RequestId,
    issuedAtMs: 1,
    digest: "d",
    coordinator: { name: "coordinator" as NodeName, url: "" },
    participants: [],
    onePhase: false,
  };
  const work = { redo: [{ key, add: { reserved: "-1" } }], undo: [], results: [] };
  const preparedAt = { storeId, epoch: 1, seq: 1 };
  const prepared = {
    phase: "prepared",
    isPerforming: false,
    trouble: null,
    answers: {},
    preparedAt,
  } as const;
  const state: ParticipantState = { ...prepared, job, work };
  enterState(node, id, state);
  if (isOver) enterState(node, id, { phase: "committed", job, work });
}

const refusal = reservedReason("warehouse" as NodeName, "stock-reserved", "5 of LAMP-01 reserved", "LAMP-01");

test("those that are in doubt and hold the row, whoever coordinates them", () => {
  const node = nodeOf();
  enter(node, idOf(1), "LAMP-01");
  enter(node, idOf(2), "DESK-01");
  enter(node, idOf(3), "LAMP-01", true);
  enter(node, idOf(4, "ledger"), "LAMP-01");
  const { heldBy, ...rest } = namingHolders(node, refusal);
  expect(heldBy).toEqual({ key: "LAMP-01", transactionIds: [idOf(1), idOf(4, "ledger")] });
  expect({ ...rest, heldBy: refusal.heldBy }).toEqual(refusal);
});

test("a bounded number of them, the oldest first", () => {
  const node = nodeOf();
  for (let counter = 1; counter <= HOLDERS_NAMED_MAX + 5; counter += 1) enter(node, idOf(counter), "LAMP-01");
  const named = namingHolders(node, refusal).heldBy?.transactionIds;
  expect(named).toEqual(Array.from({ length: HOLDERS_NAMED_MAX }, (_, index) => idOf(index + 1)));
});

test("a refusal for any other reason stays as it is", () => {
  const node = nodeOf();
  enter(node, idOf(1), "LAMP-01");
  const other = reasonFor("warehouse" as NodeName, "unknown-item", "warehouse has no item X");
  expect(namingHolders(node, other)).toBe(other);
});
