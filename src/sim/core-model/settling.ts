import type { StateInvariant } from "../explore/model.ts";
import type { PromiseNumber } from "../promises.ts";
import { leftoversAt, remembersAt, unfinishedAt } from "./at-rest.ts";
import type { CoreAction, CoreModel, CoreState } from "./core-model.ts";
import { createFairSchedule, type Peace, type PeacefulStep } from "./fair-schedule.ts";
import { REQUEST } from "./members.ts";
import { isFaultless } from "./options.ts";

const SETTLES = "settling: left in peace, all that is under way finishes; no lock, no in-doubt stays";
const TIDIES = "tidiness: at rest tables and checkpoints hold only the windows, and a new request commits";
const COMMITS = "no faults: all yes gives commit, and nobody ever aborts";

/** What is checked along the path that a fair schedule takes from each state, and which promises it guards. */
export const SETTLING: Readonly<Record<string, readonly PromiseNumber[]>> = {
  [SETTLES]: ["I11"],
  [TIDIES]: ["I12"],
  [COMMITS]: ["I3"],
};

/** More than any path has taken so far, many times over; a path that comes back to where it was is found at once. */
const STEPS_MAX = 5_000;

/** How it ends from somewhere: the invariant that is broken, and how; or null, after so many steps and so long. */
interface Ending {
  readonly broken: string | null;
  readonly how: string;
  readonly steps: number;
  readonly milliseconds: number;
}

export interface Settling {
  readonly invariants: readonly StateInvariant<CoreState>[];
  /** The steps of the fair schedule from a state, as far as it breaks the invariant or to the end. */
  show(state: CoreState, invariant: string): readonly CoreAction[];
  isAbout(invariant: string): boolean;
  /** What is wrong in the end, in words; empty where nothing is. */
  how(state: CoreState): string;
  /** How many different clusters were left in peace, and the longest that one took: until rest, not until checked. */
  extent(): { readonly starts: number; readonly stepsMax: number; readonly millisecondsMax: number };
}

/** The path goes on after the first rest: each coordinator in turn is given a new request, and the cluster rests again. */
interface Path extends Peace {
  readonly asked: number;
}

/** The model must be one without this check: it is what the check is made of. */
export function createSettling(model: CoreModel): Settling {
  const { options, members, moves } = model;
  const schedule = createFairSchedule(moves, members);
  const coordinators = members.flatMap(({ isCoordinator }, at) => (isCoordinator ? [at] : []));
  const endings = new Map<string, Ending>();
  const starts = new Map<string, Ending>();
  const isCalm = isFaultless(options);

  const faultAtRest = ({ processes: ids, asked }: Path): Pick<Ending, "broken" | "how"> => {
    const known = ids.map(moves.processes.at);
    const unfinished = known.flatMap(unfinishedAt);
    if (unfinished.length > 0) return { broken: asked === 0 ? SETTLES : TIDIES, how: unfinished.join("; ") };
    if (isCalm && asked === 0) {
      const isIncomplete = known.some(
        ({ begins, told }) => begins > 0 && !told.some((text) => text.startsWith("committed ")),
      );
      if (isIncomplete) return { broken: COMMITS, how: "its client was not told of a commit" };
    }
    const left = known.flatMap(leftoversAt);
    if (asked === coordinators.length) left.push(...known.flatMap((each) => remembersAt(each, REQUEST)));
    for (const at of coordinators.slice(0, asked)) {
      const { name, node } = moves.processes.at(ids[at] ?? 0);
      const request = [...(node?.coordinator.requests.values() ?? [])].find(
        ({ requestId }) => requestId === `after-${name}`,
      );
      if (request?.phase !== "settled" || request.outcome !== "committed")
        left.push(`${name} does not commit what it is asked next`);
    }
    return { broken: left.length > 0 ? TIDIES : null, how: left.join("; ") };
  };

  /** Null at the very end. */
  const stepOf = (path: Path): { step: PeacefulStep; asked: number } | null => {
    const step = schedule.next(path);
    if (step) return { step, asked: path.asked };
    const at = coordinators[path.asked];
    if (at === undefined || faultAtRest(path).broken) return null;
    const [move] = moves.beginAfter(path.processes[at] ?? 0);
    return move ? { step: { at, move, waitsMs: 0 }, asked: path.asked + 1 } : null;
  };
  const follow = (path: Path): { path: Path; step: PeacefulStep } | null => {
    const next = stepOf(path);
    return next && { path: { ...schedule.after(path, next.step), asked: next.asked }, step: next.step };
  };

  const endOf = (start: Path): Ending => {
    const way: { readonly key: string; readonly waitsMs: number; readonly isCounted: boolean }[] = [];
    const seen = new Set<string>();
    let path = start;
    let ending: Ending;
    for (;;) {
      const key = keyOf(path);
      const known = endings.get(key);
      if (known) {
        ending = known;
        break;
      }
      const name = path.asked === 0 ? SETTLES : TIDIES;
      if (seen.has(key) || way.length > STEPS_MAX) {
        ending = { broken: name, how: "it goes on for ever", steps: 0, milliseconds: 0 };
        break;
      }
      const next = follow(path);
      if (!next) {
        ending = { ...faultAtRest(path), steps: 0, milliseconds: 0 };
        endings.set(key, ending);
        break;
      }
      seen.add(key);
      way.push({ key, waitsMs: next.step.waitsMs, isCounted: path.asked === 0 });
      path = next.path;
    }
    for (const { key, waitsMs, isCounted } of way.reverse()) {
      const { steps, milliseconds } = ending;
      if (isCounted) ending = { ...ending, steps: steps + 1, milliseconds: milliseconds + waitsMs };
      endings.set(key, ending);
    }
    return ending;
  };
  const startOf = (state: CoreState): Path => ({
    ...schedule.begin(state.slice(0, members.length)),
    asked: 0,
  });
  const endFrom = (state: CoreState): Ending => {
    let key = "";
    for (let at = 0; at < members.length; at += 1) key += `${state[at]},`;
    const known = starts.get(key);
    if (known) return known;
    const ending = endOf(startOf(state));
    starts.set(key, ending);
    return ending;
  };

  const names = isCalm ? [SETTLES, TIDIES, COMMITS] : [SETTLES, TIDIES];
  return {
    invariants: names.map((name) => ({
      name,
      holds: (state) => (name !== COMMITS || neverAborts(model, state)) && endFrom(state).broken !== name,
    })),
    isAbout: (invariant) => names.includes(invariant),
    how: (state) => endFrom(state).how,
    show(state, name) {
      const steps: CoreAction[] = [];
      if (endFrom(state).broken !== name) return steps;
      const seen = new Set<string>();
      let now = state;
      for (let path = startOf(state); !seen.has(keyOf(path)) && steps.length < STEPS_MAX; ) {
        seen.add(keyOf(path));
        const next = follow(path);
        if (!next) break;
        const action = actionOf(model, now, next.step);
        steps.push(action);
        now = action.next;
        path = next.path;
      }
      return steps;
    },
    extent() {
      const all = [...starts.values()];
      return {
        starts: all.length,
        stepsMax: all.reduce((most, { steps }) => Math.max(most, steps), 0),
        millisecondsMax: all.reduce((most, { milliseconds }) => Math.max(most, milliseconds), 0),
      };
    },
  };
}

function neverAborts(model: CoreModel, state: CoreState): boolean {
  const { coordinators, participants } = model.facts(state);
  return (
    coordinators.every(({ hasToldAborted }) => !hasToldAborted) &&
    participants.every(([, { aborted }]) => aborted === 0)
  );
}

function actionOf(model: CoreModel, state: CoreState, step: PeacefulStep): CoreAction {
  const { at, move, other, passed } = step;
  const here = model.after(state, at, move);
  const next = other ? model.after(here, other.at, other.move) : here;
  const sent = [...move.sent, ...(other?.move.sent ?? [])];
  return { label: move.label, next, at, sent, ...(passed === undefined ? {} : { passed }) };
}

function keyOf({ processes, queue, left, asked }: Path): string {
  return `${asked}|${processes.join()}|${queue.join()}|${JSON.stringify(left)}`;
}
