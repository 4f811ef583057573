import { invariant } from "../../core/errors.ts";
import type { Action, Model } from "./model.ts";

export interface TraceStep<State, Step extends Action<State> = Action<State>> {
  readonly label: string;
  readonly state: State;
  /** The action that led here; an initial state has none. */
  readonly step?: Step;
}

/** A broken invariant and a shortest way to it, from an initial state (labelled `initial`) on. */
export interface Violation<State, Step extends Action<State> = Action<State>> {
  readonly invariant: string;
  readonly trace: readonly TraceStep<State, Step>[];
}

/**
 * What a path breaks: `path` is the number of an initial state, then the number of an action in each state after it.
 */
export function reportAll<State, Step extends Action<State>>(
  model: Model<State, Step>,
  broken: readonly string[],
  path: readonly number[],
): Violation<State, Step>[] {
  const trace = retrace(model, path);
  return [...new Set(broken)].map((name) => ({ invariant: name, trace: withWhatShows(model, name, trace) }));
}

function withWhatShows<State, Step extends Action<State>>(
  model: Model<State, Step>,
  invariantName: string,
  trace: readonly TraceStep<State, Step>[],
): readonly TraceStep<State, Step>[] {
  const last = trace.at(-1);
  const steps = last && model.showBroken?.(last.state, invariantName, last.step ?? null);
  return [...trace, ...(steps ?? []).map((step) => ({ label: step.label, state: step.next, step }))];
}

function retrace<State, Step extends Action<State>>(
  model: Model<State, Step>,
  path: readonly number[],
): TraceStep<State, Step>[] {
  const [start = 0, ...ordinals] = path;
  const initial = model.initial[start];
  invariant(initial !== undefined, `${model.name} has no initial state ${start}`);
  const trace: TraceStep<State, Step>[] = [{ label: "initial", state: initial }];
  let state: State = initial;
  for (const [index, ordinal] of ordinals.entries()) {
    model.learning?.recall(index + 1);
    const step = actionAt(model, state, ordinal);
    trace.push({ label: step.label, state: step.next, step });
    state = step.next;
  }
  return trace;
}

function actionAt<State, Step extends Action<State>>(
  model: Model<State, Step>,
  state: State,
  ordinal: number,
): Step {
  let at = 0;
  for (const action of model.actions(state)) {
    if (at === ordinal) return action;
    at += 1;
  }
  invariant(false, `${model.name} has no action ${ordinal} in a state where it was taken`);
}
