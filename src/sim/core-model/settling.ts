import type { RequestId } from "../../schema/ids.ts";
import { createInterned } from "../explore/interning.ts";
import { createKeyNumbers } from "../explore/key-set.ts";
import type { StateInvariant } from "../explore/model.ts";
import { lastRemembered } from "../explore/remember.ts";
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
  /**
   * How many different clusters were left in peace, and the longest that one took: until rest, not until checked. Where one state
   * stands for many, the first round of a timer counts as passed, so that each by itself may take one more.
   */
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
  const endings = createEndings();
  const starts = createEndings();
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
      const after = node?.coordinator.settled.get(`after-${name}` as RequestId);
      if (after?.outcome !== "committed") left.push(`${name} does not commit what it is asked next`);
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
    const way: { readonly place: number; readonly waitsMs: number; readonly isCounted: boolean }[] = [];
    const onTheWay = new Set<number>();
    let path = start;
    let ending: Ending;
    for (;;) {
      const place = endings.placeOf(keyOf(path));
      const known = endings.at(place);
      if (known) {
        ending = known;
        break;
      }
      const name = path.asked === 0 ? SETTLES : TIDIES;
      if (onTheWay.has(place) || way.length > STEPS_MAX) {
        ending = { broken: name, how: "it goes on for ever", steps: 0, milliseconds: 0 };
        break;
      }
      const next = follow(path);
      if (!next) {
        ending = { ...faultAtRest(path), steps: 0, milliseconds: 0 };
        endings.set(place, ending);
        break;
      }
      onTheWay.add(place);
      way.push({ place, waitsMs: next.step.waitsMs, isCounted: path.asked === 0 });
      path = next.path;
    }
    for (const { place, waitsMs, isCounted } of way.reverse()) {
      const { steps, milliseconds } = ending;
      if (isCounted) ending = { ...ending, steps: steps + 1, milliseconds: milliseconds + waitsMs };
      endings.set(place, ending);
    }
    return ending;
  };
  const startOf = (state: CoreState): Path => ({
    ...schedule.begin(state.slice(0, members.length)),
    asked: 0,
  });
  let [stepsMax, millisecondsMax] = [0, 0];
  const endFrom = lastRemembered((state: CoreState): Ending => {
    const place = starts.placeOf(state.slice(0, members.length));
    const known = starts.at(place);
    if (known) return known;
    const ending = endOf(startOf(state));
    stepsMax = Math.max(stepsMax, ending.steps);
    millisecondsMax = Math.max(millisecondsMax, ending.milliseconds);
    starts.set(place, ending);
    return ending;
  });

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
      for (let path = startOf(state); !seen.has(keyOf(path).join()) && steps.length < STEPS_MAX; ) {
        seen.add(keyOf(path).join());
        const next = follow(path);
        if (!next) break;
        const action = actionOf(model, now, next.step);
        steps.push(action);
        now = action.next;
        path = next.path;
      }
      return steps;
    },
    extent: () => ({ starts: starts.size(), stepsMax, millisecondsMax }),
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

function keyOf({ processes, queue, left, asked }: Path): number[] {
  return [asked, queue, ...processes, ...left];
}

/** Endings by the key of where they begin: some twenty bytes each, for there are millions. */
interface Endings {
  placeOf(key: readonly number[]): number;
  /** Null where none was set yet. */
  at(place: number): Ending | null;
  set(place: number, ending: Ending): void;
  size(): number;
}

const PLACES_FIRST = 1 << 12;

function createEndings(): Endings {
  const places = createKeyNumbers();
  const different = createInterned<Ending>((ending) => Object.values(ending).join());
  /** The number of each place's ending and one; zero where there is none. */
  let numbers = new Int32Array(PLACES_FIRST);
  return {
    placeOf: places.numberOf,
    at(place) {
      const number = numbers[place] ?? 0;
      return number === 0 ? null : different.at(number - 1);
    },
    set(place, ending) {
      if (place >= numbers.length) {
        const larger = new Int32Array(2 * Math.max(place, numbers.length));
        larger.set(numbers);
        numbers = larger;
      }
      numbers[place] = different.idOf(ending) + 1;
    },
    size: places.size,
  };
}
