import { FAULT_NAMES } from "../../schema/faults.ts";
import type { Agenda } from "./agenda.ts";
import type { Chance } from "./chance.ts";
import type { Client } from "./client.ts";
import { BEFALLS, type Befall, type Knobs } from "./knobs.ts";
import type { Machine } from "./machine.ts";
import type { SimulatedNetwork } from "./network.ts";

/** What befalls a cluster while faults go on. */
export interface Weather {
  begin(): void;
  /** Nothing more befalls anybody; what was cut, stopped or down comes back. */
  calm(): void;
}

export interface WeatherParts {
  readonly knobs: Knobs;
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly network: SimulatedNetwork;
  readonly machines: readonly Machine[];
  readonly clients: readonly Client[];
  readonly say: (text: string) => void;
}

const PAUSE_MS = [20, 12_000] as const;
const CUT_MS = [50, 15_000] as const;
const LOW_SPACE_MS = [500, 8_000] as const;
const HOUR_MS = 60 * 60 * 1_000;
const JUMPS_MS = [HOUR_MS, -HOUR_MS, 10 * 365 * 24 * HOUR_MS, 1, -1] as const;

export function createWeather(parts: WeatherParts): Weather {
  const { knobs, agenda, chance, network, machines, clients, say } = parts;
  let isCalm = false;
  const oneMachine = () => chance.one(machines);
  const pick = () => machines.filter(() => chance.hit(0.5));

  /** Every shape: one way or both, one machine alone, two halves, and halves with a bridge between them. */
  const partition = () => {
    const shape = chance.one(["one way", "pair", "alone", "halves", "bridge", "at random"] as const);
    const ways = waysOf(shape);
    for (const [from, to] of ways) network.cut(from.name, to.name);
    say(`partition, ${shape}: ${ways.map(([from, to]) => `${from.name} > ${to.name}`).join(", ")}`);
    // Later cuts of the same ways end with the first heal; that is weather too.
    agenda.after(chance.between(...CUT_MS), () => {
      for (const [from, to] of ways) network.heal(from.name, to.name);
      say("partition heals");
    });
  };

  const waysOf = (shape: string): (readonly [Machine, Machine])[] => {
    const one = oneMachine();
    const others = machines.filter((machine) => machine !== one);
    const half = pick();
    const between = (here: readonly Machine[], there: readonly Machine[]) =>
      here.flatMap((from) =>
        there
          .filter((to) => to !== from)
          .flatMap(
            (to) =>
              [
                [from, to],
                [to, from],
              ] as const,
          ),
      );
    const rest = machines.filter((machine) => !half.includes(machine));
    switch (shape) {
      case "one way":
        return others.length === 0 ? [] : [[one, chance.one(others)]];
      case "pair":
        return others.length === 0 ? [] : between([one], [chance.one(others)]);
      case "alone":
        return between([one], others);
      case "halves":
        return between(half, rest);
      case "bridge":
        return between(
          half.filter((machine) => machine !== one),
          rest.filter((machine) => machine !== one),
        );
      default:
        return between(machines, machines).filter(() => chance.hit(0.3));
    }
  };

  const befall: Readonly<Record<Befall, () => void>> = {
    crash: () => oneMachine().crash(chance.hit(knobs.powerLoss)),
    stop: () => oneMachine().shutDown(),
    pause() {
      const machine = oneMachine();
      machine.stop();
      agenda.after(chance.between(...PAUSE_MS), machine.goOn);
    },
    partition,
    disconnect() {
      if (chance.hit(0.5)) network.disconnect(oneMachine().name, oneMachine().name);
      else chance.one(clients).lose(oneMachine().name);
    },
    jump() {
      const machine = oneMachine();
      const byMs = chance.one(JUMPS_MS);
      machine.jump(byMs);
      say(`the wall clock of ${machine.name} jumps by ${byMs} ms`);
    },
    arm() {
      const machine = oneMachine();
      const fault = chance.one(FAULT_NAMES);
      machine.faults()?.arm(fault, 1);
      say(`${fault} is armed in ${machine.name}`);
    },
    "low-space"() {
      const machine = oneMachine();
      const disk = machine.disk();
      disk.resize(disk.usedBytes() + chance.below(64 * 1024));
      say(`the disk of ${machine.name} is nearly full`);
      agenda.after(chance.between(...LOW_SPACE_MS), () => disk.resize(Number.POSITIVE_INFINITY));
    },
  };

  const comeAgain = (kind: Befall) => {
    const everyMs = knobs.every[kind];
    // The mean of an even spread from nothing to twice the interval.
    agenda.after(chance.between(0, 2 * everyMs), () => {
      if (isCalm) return;
      befall[kind]();
      comeAgain(kind);
    });
  };

  return {
    begin() {
      for (const kind of BEFALLS) if (knobs.every[kind] > 0) comeAgain(kind);
      for (let count = 0; count < knobs.wipes; count += 1) {
        agenda.after(
          chance.between(knobs.safetyMs / 4, knobs.safetyMs),
          () => !isCalm && oneMachine().wipe(),
        );
      }
    },
    calm() {
      isCalm = true;
      network.calm();
      for (const machine of machines) machine.calm();
    },
  };
}
