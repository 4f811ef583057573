import type { Timer } from "../../core/effects.ts";
import { DEFAULT_SETTINGS } from "../../core/settings.ts";
import { createInterned } from "../explore/interning.ts";
import { rememberById, rememberByTwo } from "../explore/remember.ts";
import type { Member } from "./members.ts";
import type { Move, Moves } from "./moves.ts";
import { keyOf as keyOfTimer } from "./turn.ts";

/*
 * A cluster that is left in peace: who is down starts, everybody connects, every message arrives once in the order in
 * which it was sent, every disk forces, timers fire when they are due, operators do what they are asked to. What was
 * under way before is lost, so that nothing rests on it. One thing follows from another: there are no choices.
 */

/** A cluster at one moment of a fair schedule. */
export interface Peace {
  readonly processes: readonly number[];
  /** The number of the list of messages on their way, oldest first. */
  readonly queue: number;
  /** For each process the number of what its timers have left. */
  readonly left: readonly number[];
}

/** What the timers of a process have left, in ms, by kind and id. */
type Left = Readonly<Record<string, number>>;

/** What happens next in peace. */
export interface PeacefulStep {
  readonly at: number;
  readonly move: Pick<Move, "label" | "process" | "sent">;
  /** With whom a connection is made, and its move. */
  readonly other?: { readonly at: number; readonly move: Move };
  /** The message that is delivered. */
  readonly passed?: number;
  /** The timer that fires, by kind and id, and the time that passes before, in ms. */
  readonly fired?: string;
  readonly waitsMs: number;
}

export interface FairSchedule {
  begin(processes: readonly number[]): Peace;
  /** Null at rest: nothing is under way and no timer runs. */
  next(peace: Peace): PeacefulStep | null;
  after(peace: Peace, step: PeacefulStep): Peace;
}

export function createFairSchedule(moves: Moves, members: readonly Member[]): FairSchedule {
  const { processes, envelopes } = moves;
  const places = new Map(members.map(({ name }, at) => [name, at]));
  const everybody = members.map((_, at) => at);
  const lists = createInterned<readonly number[]>((list) => list.join());
  const plusOne = rememberByTwo((list, envelope) => lists.idOf([...lists.at(list), envelope]));
  const rest = rememberById((list) => lists.idOf(lists.at(list).slice(1)));
  const none = lists.idOf([]);
  const allLeft = createInterned<Left>((left) => JSON.stringify(left));
  const begun = rememberById((process) => allLeft.idOf(leftOf(processes.at(process).timers, {})));
  const goneOn = rememberByTwo((process, left) =>
    allLeft.idOf(leftOf(processes.at(process).timers, allLeft.at(left))),
  );
  const first = (at: number, options: readonly Move[], more: Partial<PeacefulStep> = {}) => {
    const [move] = options;
    return move ? { at, move, waitsMs: 0, ...more } : null;
  };

  const restart = ({ processes: ids }: Peace): PeacefulStep | null => {
    const at = ids.findIndex((id) => processes.at(id).node === null);
    return at < 0 ? null : first(at, moves.restart(ids[at] ?? 0));
  };
  const connect = ({ processes: ids }: Peace): PeacefulStep | null => {
    for (const at of everybody) {
      for (const other of everybody) {
        const [one = 0, two = 0, name] = [ids[at], ids[other], members[other]?.name];
        if (other <= at || !name || processes.at(one).node?.peers.get(name)?.isConnected) continue;
        const [there] = moves.connect(two, one);
        return there ? first(at, moves.connect(one, two), { other: { at: other, move: there } }) : null;
      }
    }
    return null;
  };
  const deliver = ({ processes: ids, queue }: Peace): PeacefulStep | null => {
    const [passed] = lists.at(queue);
    if (passed === undefined) return null;
    const at = places.get(envelopes.at(passed).to) ?? 0;
    const id = ids[at] ?? 0;
    return first(at, moves.deliver(id, passed), { passed });
  };
  const firstOf = (
    { processes: ids }: Peace,
    options: (process: number) => readonly Move[],
  ): PeacefulStep | null => {
    for (const at of everybody) {
      const step = first(at, options(ids[at] ?? 0));
      if (step) return step;
    }
    return null;
  };
  const fire = ({ processes: ids, left }: Peace): PeacefulStep | null => {
    let soonest: { readonly at: number; readonly key: string; readonly leftMs: number } | null = null;
    left.forEach((number, at) => {
      for (const [key, leftMs] of Object.entries(allLeft.at(number))) {
        if (!soonest || leftMs < soonest.leftMs) soonest = { at, key, leftMs };
      }
    });
    if (!soonest) return null;
    const { at, key, leftMs }: { at: number; key: string; leftMs: number } = soonest;
    const timer = processes.at(ids[at] ?? 0).timers.find((each) => keyOfTimer(each) === key);
    return timer ? first(at, moves.fire(ids[at] ?? 0, timer), { fired: key, waitsMs: leftMs }) : null;
  };

  return {
    begin: (ids) => ({ processes: ids, queue: none, left: ids.map(begun) }),
    next: (peace) =>
      restart(peace) ??
      connect(peace) ??
      deliver(peace) ??
      firstOf(peace, moves.force) ??
      firstOf(peace, moves.takeNote) ??
      fire(peace),
    after(peace, { at, move, other, passed, fired, waitsMs }) {
      const moved = [{ at, move }, ...(other ? [other] : [])];
      const ids = peace.processes.slice();
      const left =
        waitsMs > 0
          ? peace.left.map((number) => allLeft.idOf(pass(allLeft.at(number), waitsMs)))
          : peace.left.slice();
      let queue = passed === undefined ? peace.queue : rest(peace.queue);
      for (const each of moved) {
        const { process, sent } = each.move;
        const before = left[each.at] ?? begun(process);
        ids[each.at] = process;
        left[each.at] =
          fired === undefined
            ? goneOn(process, before)
            : allLeft.idOf(leftOf(processes.at(process).timers, allLeft.at(before), fired));
        for (const envelope of sent) queue = plusOne(queue, envelope);
      }
      return { processes: ids, queue, left };
    },
  };
}

/** What has just fired, or was not running, begins anew. */
function leftOf(timers: readonly Timer[], before: Left, fired?: string): Left {
  return Object.fromEntries(
    timers.map((timer) => {
      const key = keyOfTimer(timer);
      return [key, key === fired ? DELAYS_MS[timer.kind] : (before[key] ?? DELAYS_MS[timer.kind])];
    }),
  );
}

function pass(timers: Left, milliseconds: number): Left {
  return Object.fromEntries(Object.entries(timers).map(([key, leftMs]) => [key, leftMs - milliseconds]));
}

/** A client that waits half a minute; the rest is the shipped settings', retries at their slowest. */
const DELAYS_MS: Readonly<Record<Timer["kind"], number>> = {
  "vote-timeout": DEFAULT_SETTINGS.voteTimeoutMs,
  resend: DEFAULT_SETTINGS.resendFirstMs,
  inquire: DEFAULT_SETTINGS.inquiryFirstMs,
  retry: DEFAULT_SETTINGS.retryCapMs,
  finish: DEFAULT_SETTINGS.finishRetryMs,
  deadline: 30_000,
};
