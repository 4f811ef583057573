import type { NodeInput } from "../core/node.ts";
import type { Settings } from "../core/settings.ts";
import type { Clock } from "./ports.ts";
import { createQueue } from "./queue.ts";

type Begin = Extract<NodeInput, { type: "begin-received" }>;

/** Requests that have arrived, and the turns in which they are taken up. */
export interface Admission {
  add(begin: Begin): void;
  /** The next that is taken up in this turn, if any is. */
  take(): Begin | undefined;
  /** A turn has ended that answered so many clients; for so many requests clients wait now. */
  turnEnded(answers: number, underWay: number): void;
  stop(): void;
}

/**
 * Lets requests in together. One that comes alone costs as many frames and syncs, on every node, as a hundred that come together;
 * and when the nodes are busy with that, more and more is under way, each in small turns of its own. So while many are under way
 * those that arrive wait for the next answer to a client, or a moment, and then go all the way as one.
 *
 * `wake` has the node begin a turn.
 */
export function createAdmission(
  { atOnceMax, togetherMs }: Pick<Settings, "atOnceMax" | "togetherMs">,
  clock: Pick<Clock, "schedule">,
  wake: () => void,
): Admission {
  const waiting = createQueue<Begin>();
  let isOpen = true;
  let hasTaken = false;
  let cancel: (() => void) | null = null;

  const open = () => {
    cancel?.();
    cancel = null;
    isOpen = true;
    if (waiting.first() !== undefined) wake();
  };

  return {
    add(begin) {
      waiting.add(begin);
      if (isOpen) wake();
    },
    take() {
      const begin = isOpen ? waiting.take() : undefined;
      if (begin !== undefined) hasTaken = true;
      return begin;
    },
    turnEnded(answers, underWay) {
      const hadTaken = hasTaken;
      hasTaken = false;
      if (answers > 0 || underWay <= atOnceMax) {
        if (!isOpen) open();
      } else if (hadTaken) {
        isOpen = false;
        cancel ??= clock.schedule(togetherMs, open);
      }
    },
    stop: () => cancel?.(),
  };
}
