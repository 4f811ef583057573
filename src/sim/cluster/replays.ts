import type { NodeName } from "../../schema/ids.ts";
import type { Agenda } from "./agenda.ts";
import type { Chance } from "./chance.ts";

/** Frames that left on one link and come over a later one of the same two nodes, whatever has become of either meanwhile. */
export interface Replays {
  /** A frame leaves: it may be kept. `arrive` hands it to the process that there is then, if it is linked to the sender. */
  sent(from: NodeName, to: NodeName, link: object, arrive: () => void): void;
  /** `to` takes a link with `from` for the one to use: what was kept of earlier ones comes within a second. */
  linked(from: NodeName, to: NodeName, link: object): void;
  /** Nothing that is kept comes any more. */
  calm(): void;
}

interface Kept {
  readonly link: object;
  readonly arrive: () => void;
}

/** Frames that are kept in one direction: the last ones, for the oldest are refused by the floor alone. */
const KEPT_MAX = 32;
const COMES_MS = [0, 1_000] as const;

/** `likely` is how likely a frame is kept. */
export function createReplays(agenda: Agenda, chance: Chance, likely: number): Replays {
  const kept = new Map<string, Kept[]>();
  let isCalm = false;
  return {
    sent(from, to, link, arrive) {
      if (isCalm || likely === 0 || !chance.hit(likely)) return;
      const key = `${from} ${to}`;
      const frames = kept.get(key) ?? [];
      frames.push({ link, arrive });
      if (frames.length > KEPT_MAX) frames.shift();
      kept.set(key, frames);
    },
    linked(from, to, link) {
      const key = `${from} ${to}`;
      const frames = kept.get(key);
      if (frames === undefined) return;
      const [old, own] = [
        frames.filter((each) => each.link !== link),
        frames.filter((each) => each.link === link),
      ];
      kept.set(key, own);
      for (const { arrive } of old) agenda.after(chance.between(...COMES_MS), () => isCalm || arrive());
    },
    calm() {
      isCalm = true;
      kept.clear();
    },
  };
}
