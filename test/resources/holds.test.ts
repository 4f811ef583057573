import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { negate } from "../../src/resources/deltas.ts";
import { createLedger } from "../../src/resources/ledger.ts";
import type { Plan, Resource } from "../../src/resources/resource.ts";
import { createWarehouse } from "../../src/resources/warehouse.ts";
import type { Operation } from "../../src/schema/operations.ts";
import { account, imageOf, prepare, receive, ship, transfer, type Yes } from "./operations.ts";

// Goal: whatever the order in which transactions are held, committed and aborted, no rule breaks, no end is refused,
// and only committed work leaves a trace.

const warehouse = () =>
  createWarehouse([
    { sku: "HOT", name: "Hot", onHand: "12" },
    { sku: "COLD", name: "Cold", onHand: "5" },
    { sku: "BRIM", name: "Brim", onHand: String(Number.MAX_SAFE_INTEGER - 6) },
  ]);
const ledger = () =>
  createLedger([
    account("cash", "asset", 30n, 0n),
    account("ada", "liability", 0n, 20n),
    account("dora", "liability", 0n, 0n, true),
    account("capital", "equity", 0n, 10n),
    account("revenue", "revenue", 0n, 0n),
  ]);

const quantity = fc.integer({ min: 1, max: 6 });
const movement = fc.tuple(fc.constantFrom(ship, receive), fc.constantFrom("HOT", "COLD", "BRIM"), quantity);
const onStock = movement.map(([build, sku, amount]) => build(sku, amount));
const accountId = fc.constantFrom("cash", "ada", "dora", "capital", "revenue");
const onBooks = fc
  .tuple(accountId, accountId, quantity)
  .map(([debit, credit, n]) => transfer(debit, credit, n));

const orderSeeds = fc.array(fc.nat(), { minLength: 20, maxLength: 20 });

const isYes = (plan: Plan): plan is Yes => plan.verdict === "yes";
const shuffle = <Item>(items: readonly Item[], seeds: readonly number[]): Item[] =>
  items
    .map((item, at) => ({ item, seed: seeds[at] ?? at }))
    .sort((left, right) => left.seed - right.seed)
    .map(({ item }) => item);

type Action =
  | { readonly type: "prepare"; readonly operations: Operation[] }
  | { readonly type: "commit" | "abort"; readonly which: number };

const actionsOn = (operation: fc.Arbitrary<Operation>) => {
  const operations = fc.array(operation, { minLength: 1, maxLength: 3 });
  const end = fc.record({ type: fc.constantFrom("commit" as const, "abort" as const), which: fc.nat() });
  const begin = operations.map((list) => ({ type: "prepare" as const, operations: list }));
  return fc.array(fc.oneof<[fc.Arbitrary<Action>, fc.Arbitrary<Action>]>(begin, end), { maxLength: 60 });
};

/** Runs actions, checks the rules after each, and gives what was committed in the end. */
function runActions(resource: Resource, actions: readonly Action[], endOfRest: "commit" | "abort"): Yes[] {
  const held: Yes[] = [];
  const committed: Yes[] = [];
  const finish = (plan: Yes, how: "commit" | "abort") => {
    resource.apply(how === "commit" ? plan.redo : plan.undo);
    if (how === "commit") committed.push(plan);
    expect(resource.violations()).toEqual([]);
  };
  for (const action of actions) {
    if (action.type === "prepare") {
      const plan = prepare(resource, ...action.operations);
      if (plan.verdict === "yes") held.push(plan);
      expect(resource.violations()).toEqual([]);
      continue;
    }
    const [plan] = held.splice(action.which % Math.max(held.length, 1), 1);
    if (plan !== undefined) finish(plan, action.type);
  }
  for (const plan of held) finish(plan, endOfRest);
  return committed;
}

describe.each([
  { name: "warehouse", create: warehouse, operation: onStock },
  { name: "ledger", create: ledger, operation: onBooks },
])("a $name", ({ create, operation }) => {
  test("keeps its rules in every interleaving, and ends as if only the committed had ever been", () => {
    fc.assert(
      fc.property(
        actionsOn(operation),
        fc.constantFrom("commit" as const, "abort" as const),
        (actions, endOfRest) => {
          const resource = create();
          const committed = runActions(resource, actions, endOfRest);
          const direct = create();
          direct.apply(committed.flatMap((plan) => [...negate(plan.undo), ...plan.redo]));
          expect(imageOf(resource)).toEqual(imageOf(direct));
        },
      ),
    );
  });

  test("ends in the same state whatever the order of its holds and commits", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 12 }), orderSeeds, (operations, seeds) => {
        const planned = create();
        const plans = operations.map((each) => prepare(planned, each)).filter(isYes);
        const other = create();
        for (const plan of shuffle(plans, seeds)) other.apply(negate(plan.undo));
        expect(imageOf(other)).toEqual(imageOf(planned));
        for (const plan of plans) planned.apply(plan.redo);
        for (const plan of shuffle(plans, seeds).reverse()) other.apply(plan.redo);
        expect(imageOf(other)).toEqual(imageOf(planned));
      }),
    );
  });

  test("has exactly the same image after every hold is aborted, in any order", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 20 }), orderSeeds, (operations, seeds) => {
        const resource = create();
        const before = JSON.stringify(resource.image());
        const plans = operations.map((each) => prepare(resource, each)).filter(isYes);
        for (const plan of shuffle(plans, seeds)) resource.apply(plan.undo);
        expect(JSON.stringify(resource.image())).toBe(before);
      }),
    );
  });
});
