import { expect, test } from "vitest";
import { type Extent, explore } from "../../../src/sim/explore/explorer.ts";
import type { Model } from "../../../src/sim/explore/model.ts";

// Goal: every reachable state is visited once, nearest first, and a trace leads to what is wrong by the shortest way.

/** Walkers on a grid that go right or down; at the edges a step leads nowhere, and is counted all the same. */
function gridModel(side: number, parts: Partial<Model<Cell>> = {}): Model<Cell> {
  const within = (place: number) => Math.min(place, side - 1);
  return {
    name: "grid",
    initial: [{ x: 0, y: 0 }],
    actions: ({ x, y }) => [
      { label: "right", next: { x: within(x + 1), y } },
      { label: "down", next: { x, y: within(y + 1) } },
    ],
    key: ({ x, y }) => `${x},${y}`,
    invariants: [],
    ...parts,
  };
}
interface Cell {
  readonly x: number;
  readonly y: number;
}
const labelsOf = (trace: readonly { readonly label: string }[]) => trace.map(({ label }) => label);

test("counts states once, actions each time, and levels from the initial one", () => {
  expect(explore(gridModel(30))).toEqual({
    distinctStates: 900,
    generatedStates: 1 + 2 * 900,
    depth: 59,
    isComplete: true,
    violations: [],
  });
});

test("an initial state that is given twice is generated twice", () => {
  const initial = [
    { x: 1, y: 1 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ];
  expect(explore(gridModel(2, { initial }))).toMatchObject({
    distinctStates: 2,
    generatedStates: 3 + 2 * 2,
    depth: 1,
  });
});

test("a broken state is found by a shortest way", () => {
  const holds = ({ x, y }: Cell) => !(x >= 2 && y >= 1);
  const { violations, isComplete, depth } = explore(
    gridModel(50, { invariants: [{ name: "fence", holds }] }),
  );
  expect(isComplete).toBe(false);
  expect(depth).toBe(4);
  expect(violations.map(({ invariant }) => invariant)).toEqual(["fence"]);
  const trace = violations[0]?.trace ?? [];
  expect(labelsOf(trace).sort()).toEqual(["down", "initial", "right", "right"]);
  expect(trace.at(-1)?.state).toEqual({ x: 2, y: 1 });
  trace.slice(0, -1).forEach(({ state }, index) => {
    const next = trace[index + 1];
    expect(gridModel(50).actions(state)).toContainEqual({ label: next?.label, next: next?.state });
  });
});

test("all that one state breaks is told, and an initial state may be the one", () => {
  const invariants = ["one", "other"].map((name) => ({ name, holds: ({ y }: Cell) => y < 3 }));
  const initial = [
    { x: 0, y: 0 },
    { x: 7, y: 3 },
  ];
  const { violations } = explore(gridModel(9, { initial, invariants }));
  expect(violations).toEqual(
    ["one", "other"].map((invariant) => ({
      invariant,
      trace: [{ label: "initial", state: { x: 7, y: 3 } }],
    })),
  );
});

test("a broken step is found, also one that leads to a state seen before", () => {
  const back = { label: "back", next: { x: 0, y: 0 } };
  const actions = (cell: Cell) => [...gridModel(3).actions(cell), ...(cell.y === 2 ? [back] : [])];
  const holds = (before: Cell, after: Cell) => after.x + after.y >= before.x + before.y;
  const { violations } = explore(gridModel(3, { actions, stepInvariants: [{ name: "onward", holds }] }));
  expect(violations.map(({ invariant, trace }) => [invariant, labelsOf(trace)])).toEqual([
    ["onward", ["initial", "down", "down", "back"]],
  ]);
});

test("stops after the states it was given, and tells each level", () => {
  const levels: Extent[] = [];
  const { distinctStates, isComplete } = explore(gridModel(1_000), {
    statesMax: 100,
    onLevel: (extent) => levels.push(extent),
  });
  expect({ distinctStates, isComplete }).toEqual({ distinctStates: 100, isComplete: false });
  expect(levels.map(({ depth }) => depth)).toEqual(levels.map((_, index) => index + 1));
  expect(levels.slice(0, 3).map((level) => level.distinctStates)).toEqual([1, 3, 6]);
});

test("a long way is found again", () => {
  const side = 20_000;
  const actions = ({ x, y }: Cell) => [{ label: "right", next: { x: x + 1, y } }];
  const invariants = [{ name: "shore", holds: ({ x }: Cell) => x < side }];
  const [violation] = explore(gridModel(side, { actions, invariants, key: ({ x }) => x })).violations;
  expect(violation?.trace).toHaveLength(side + 1);
  expect(violation?.trace.at(-1)?.state).toEqual({ x: side, y: 0 });
});
