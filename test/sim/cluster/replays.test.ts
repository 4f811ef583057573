import { expect, test } from "vitest";
import type { NodeName } from "../../../src/schema/ids.ts";
import { createAgenda } from "../../../src/sim/cluster/agenda.ts";
import { createChance } from "../../../src/sim/cluster/chance.ts";
import { drawKnobs } from "../../../src/sim/cluster/knobs.ts";
import { createReplays } from "../../../src/sim/cluster/replays.ts";

// Goal: what left on an earlier link comes again, once, when the two nodes have another, and never over its own or in fair weather.

const [ledger, warehouse] = ["ledger", "warehouse"] as NodeName[] as [NodeName, NodeName];

function stage(likely: number) {
  const agenda = createAgenda();
  const replays = createReplays(agenda, createChance(1), likely);
  const [first, second] = [{}, {}];
  let came = 0;
  replays.sent(ledger, warehouse, first, () => {
    came += 1;
  });
  const pass = () => {
    while (agenda.nextMs() !== null) agenda.step();
    return came;
  };
  return { replays, first, second, pass };
}

test("a frame comes over a later link of its way, once", () => {
  const { replays, first, second, pass } = stage(1);
  replays.linked(ledger, warehouse, first);
  replays.linked(warehouse, ledger, second);
  expect(pass()).toBe(0);
  replays.linked(ledger, warehouse, second);
  expect(pass()).toBe(1);
  replays.linked(ledger, warehouse, {});
  expect(pass()).toBe(1);
});

test("none is kept where the knob is off, and none comes when faults are over", () => {
  const off = stage(0);
  off.replays.linked(ledger, warehouse, off.second);
  expect(off.pass()).toBe(0);
  const calm = stage(1);
  calm.replays.linked(ledger, warehouse, calm.second);
  calm.replays.calm();
  expect(calm.pass()).toBe(0);
});

test("it is off in some seeds", () => {
  const seeds = Array.from({ length: 100 }, (_, at) => drawKnobs(at + 1).network.replays);
  const off = seeds.filter((likely) => likely === 0).length;
  expect(off).toBeGreaterThan(30);
  expect(off).toBeLessThan(70);
});
