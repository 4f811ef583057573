import { DEFAULT_SETTINGS } from "../../core/settings.ts";
import { type Chance, createChance } from "./chance.ts";
import type { DiskHabits } from "./disk.ts";

/** Everything that one seed decides about a world before anything happens in it. A mean interval of 0 means never. */
export interface Knobs {
  readonly seed: number;
  readonly coordinators: number;
  readonly warehouses: number;
  readonly ledgers: number;
  readonly requests: number;
  /** How long faults go on, and in which part of it requests are begun. */
  readonly safetyMs: number;
  /** How long everything may take to finish after that. */
  readonly livenessMs: number;
  /** The share of clients that send a request to one node only until it answers. */
  readonly loyal: number;
  readonly network: NetworkHabits;
  readonly disk: DiskHabits;
  readonly log: {
    readonly segmentBytesMax: number;
    readonly checkpointBytes: number;
    readonly idleMs: number;
  };
  readonly requestWindowMs: number;
  /** With how many requests under way others that arrive still need not wait for one another. */
  readonly atOnceMax: number;
  /** Mean intervals of what befalls one of the nodes, in milliseconds. */
  readonly every: Readonly<Record<Befall, number>>;
  /** How likely a process that dies takes its machine's power with it. */
  readonly powerLoss: number;
  /** How likely a starting process has a named point at which it crashes. */
  readonly crashPoint: number;
  /** How many stores are lost. */
  readonly wipes: number;
  /** True where operators settle by hand what is in doubt while faults go on. */
  readonly heuristics: boolean;
}

export interface NetworkHabits {
  readonly loss: number;
  readonly doubles: number;
  readonly delayMs: readonly [number, number];
  /** True where what is sent on one link arrives in order and is lost only with the link. */
  readonly isOrdered: boolean;
  /** How likely a frame comes once more, when its link is gone and the two nodes have another. */
  readonly replays: number;
}

/** What the weather does to a node or a link. */
export const BEFALLS = [
  "crash",
  "stop",
  "pause",
  "partition",
  "disconnect",
  "jump",
  "arm",
  "low-space",
] as const;
export type Befall = (typeof BEFALLS)[number];

/** Draws the knobs of a seed. Whole kinds of faults are off in many seeds, for one kind hides what another would show. */
export function drawKnobs(seed: number): Knobs {
  const chance = createChance(seed).split("knobs");
  const isFair = chance.hit(0.08);
  const isOn = (probability: number) => chance.hit(probability) && !isFair;
  const safetyMs = Math.round(chance.between(8_000, 30_000));
  const often = (probability: number, mostOftenMs: number): number =>
    isOn(probability) ? Math.round(chance.between(mostOftenMs, safetyMs)) : 0;
  return {
    seed,
    coordinators: 1 + chance.below(3),
    warehouses: 1 + chance.below(3),
    ledgers: 1 + chance.below(2),
    requests: 6 + chance.below(11),
    safetyMs,
    livenessMs: 240_000,
    loyal: chance.one([0, 0.5, 1]),
    network: { ...drawNetwork(chance, isOn), replays: isFair ? 0 : drawReplays(seed) },
    disk: drawDisk(chance, isOn),
    log: {
      segmentBytesMax: chance.one([1_200, 4_000, 16_000]),
      checkpointBytes: chance.one([600, 3_000, 12_000]),
      idleMs: chance.one([20, 250, 2_000]),
    },
    requestWindowMs: chance.hit(0.2) ? 20_000 : 24 * 60 * 60 * 1_000,
    atOnceMax: drawAtOnceMax(seed),
    every: {
      crash: often(0.6, 1_500),
      stop: often(0.3, 6_000),
      pause: often(0.3, 4_000),
      partition: often(0.4, 2_000),
      disconnect: often(0.3, 1_000),
      jump: often(0.3, 3_000),
      arm: often(0.3, 1_500),
      "low-space": often(0.15, 5_000),
    },
    powerLoss: isOn(0.7) ? chance.next() : 0,
    crashPoint: isOn(0.4) ? chance.between(0.2, 1) : 0,
    wipes: isOn(0.08) ? 1 : 0,
    heuristics: isOn(0.1),
  };
}

/** The canary: every disk says that it has synced, and has not, and power is lost often. */
export function withLyingDisks(knobs: Knobs): Knobs {
  return {
    ...knobs,
    powerLoss: 1,
    every: { ...knobs.every, crash: 3_000 },
    disk: { ...knobs.disk, isLying: true },
  };
}

function drawNetwork(chance: Chance, isOn: (probability: number) => boolean): Omit<NetworkHabits, "replays"> {
  const isOrdered = !isOn(0.6);
  return {
    loss: !isOrdered && isOn(0.7) ? chance.between(0, 0.3) : 0,
    doubles: !isOrdered && isOn(0.7) ? chance.between(0, 0.5) : 0,
    delayMs: [chance.one([0.1, 1, 5]), chance.one(isOn(0.3) ? [50, 400, 4_000] : [5, 20])],
    isOrdered,
  };
}

/** From a stream of its own: a world without replays is what it would be if there were none. */
function drawReplays(seed: number): number {
  const chance = createChance(seed).split("replays");
  return chance.hit(0.5) ? chance.between(0.1, 1) : 0;
}

/** From a stream of its own: fewer than a node's own number in half of all seeds, whose worlds are too small for that. */
function drawAtOnceMax(seed: number): number {
  const chance = createChance(seed).split("at-once");
  return chance.hit(0.5) ? chance.below(3) : DEFAULT_SETTINGS.atOnceMax;
}

function drawDisk(chance: Chance, isOn: (probability: number) => boolean): DiskHabits {
  return {
    sectorBytes: chance.one([64, 512, 4_096]),
    callMs: [0.05, chance.one(isOn(0.3) ? [20, 200] : [0.5, 4])],
    hang: isOn(0.15) ? 0.002 : 0,
    hangMs: 30_000,
    fail: isOn(0.25) ? chance.one([0.0005, 0.003, 0.02]) : 0,
    short: isOn(0.4) ? chance.between(0, 0.1) : 0,
    isLying: false,
  };
}
