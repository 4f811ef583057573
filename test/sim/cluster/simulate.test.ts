import { expect, test } from "vitest";
import { settle, turnOfLoop } from "../../../src/cli/settle.ts";
import { describeWithoutTime } from "../../../src/observe/describe.ts";
import { drawKnobs, type Knobs, withLyingDisks } from "../../../src/sim/cluster/knobs.ts";
import { type Simulation, simulate } from "../../../src/sim/cluster/simulate.ts";
import type { Onlooker } from "../../../src/sim/cluster/world.ts";

// Goal: whole clusters keep every invariant in many seeds, the same seed is the same story, and what is broken is found.

const play = (knobs: Knobs, onlooker: Onlooker | null = null) => simulate(knobs, { settle, onlooker });
const SEEDS = Number(process.env.SIMULATE_SEEDS ?? 2_000);
const FROM = Number(process.env.SIMULATE_FROM ?? 1);

test(`${SEEDS} seeds keep every invariant`, { timeout: 86_400_000 }, async () => {
  let committed = 0;
  for (let seed = FROM; seed < FROM + SEEDS; seed += 1) {
    const result = await play(drawKnobs(seed));
    expect(result.violations, `repeat it with: npx 2pc-console simulate --seed ${seed}`).toEqual([]);
    committed += result.committed;
    await turnOfLoop();
  }
  // Worlds that let nothing through would prove nothing.
  expect(committed).toBeGreaterThan(5 * SEEDS);
});

// Each once found what was wrong: 226, that a node went on speaking after a failed sync; 10822, that who asked again was
// answered with what the node had said before it came to the question; 22411 and 53908, that a participant took an abort without a
// time for one older than every window, and forgot what the store of a coordinator that was away for seconds still had to ask;
// 40533 and 133916, that the checker held the living to what a store had said before its disk was lost; 72067 and 114568, that what was
// refused for good was forgotten in a crash; 73850, that who only reads, and had answered before, refused for everybody;
// 301141, that the rules of conformance held a participant to an abort of its own that a crash had taken; 381, 1803 and 2086, that they took
// a prepare for an earlier run, which was refused, for the one that was taken up after it; 700318, that the checker counted on a
// store that was lost; 700804 and 701342, that the rules took the tombstone of who had only read for another end of the transaction;
// 1015995, that a prepare for a store that was lost was taken up by the next one of its name; 2082510 and 2156493, that a checkpoint taken
// while a refusal was on its way to the disk forgot it; 3000234, that the rules did not know of an ack that follows a peer's word;
// 4037572, that the promises of a process that went on after a stop were not waited for, and it spoke on after a sync had failed.
test.each([
  226, 10_822, 22_411, 53_908, 40_533, 133_916, 72_067, 114_568, 73_850, 301_141, 381, 1_803, 2_086, 700_318,
  700_804, 701_342, 1_015_995, 2_082_510, 2_156_493, 3_000_234, 4_037_572,
])("seed %d, which once broke an invariant, keeps them", async (seed) => {
  expect((await play(drawKnobs(seed))).violations).toEqual([]);
});

/** Everything that can be seen of a world, line by line. */
async function storyOf(knobs: Knobs): Promise<string> {
  const lines = [JSON.stringify(knobs)];
  await play(knobs, {
    update(message, atMs) {
      if (message.type === "snapshot") lines.push(`${atMs} ${JSON.stringify(message.snapshot)}`);
      else if (message.type === "events")
        for (const event of message.events) lines.push(`${atMs} ${describeWithoutTime(event, true)}`);
    },
    say: (text, atMs) => void lines.push(`${atMs} ${text}`),
  });
  return lines.join("\n");
}

test("the same seed is the same story, to the byte, and looking on changes nothing", async () => {
  for (const seed of [1, 2, 3, 5, 8]) {
    const story = await storyOf(drawKnobs(seed));
    expect(await storyOf(drawKnobs(seed))).toBe(story);
    const [seen, unseen] = [
      await play(drawKnobs(seed), { update() {}, say() {} }),
      await play(drawKnobs(seed)),
    ];
    expect(seen).toEqual(unseen);
    expect(story.length).toBeGreaterThan(5_000);
  }
});

/** The first of some seeds in which something is found to be broken. */
async function findBroken(change: (knobs: Knobs) => Knobs): Promise<Simulation | null> {
  for (let seed = 1; seed <= 40; seed += 1) {
    const result = await play(change(drawKnobs(seed)));
    if (result.violations.length > 0) return result;
  }
  return null;
}

test("the canary, a disk that says synced and is not, is found within a few seeds", async () => {
  const broken = await findBroken(withLyingDisks);
  expect(broken?.violations[0]?.invariant).toBe("I9");
});
