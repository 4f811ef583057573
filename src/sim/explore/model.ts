/** One action that is enabled in a state, and the state it leads to. */
export interface Action<State> {
  /** The action and who takes it, as a line of a trace. */
  readonly label: string;
  readonly next: State;
  /** What the step itself breaks, by name; none where it is left out. */
  readonly broken?: readonly string[];
}

/** What must hold in every state. */
export interface StateInvariant<State> {
  readonly name: string;
  holds(state: State): boolean;
}

/** What must hold of every step, as a refinement does; `before` and `after` may be equal. */
export interface StepInvariant<State> {
  readonly name: string;
  holds(before: State, after: State): boolean;
}

/** A state machine to be explored. States are values: an action makes a new one and leaves the old one as it is. */
export interface Model<State, Step extends Action<State> = Action<State>> {
  readonly name: string;
  readonly initial: readonly State[];
  /**
   * Every instance of an action that is enabled, also those that lead back to the same state. The same state gives the
   * same actions in the same order each time: a trace is found again by their numbers.
   */
  actions(state: State): Iterable<Step>;
  /**
   * Equal exactly for equal states: whole numbers up to 2^53 − 1 for all of them, or texts for all of them (of which
   * the explorer keeps 64 bits).
   */
  key(state: State): number | string;
  readonly invariants: readonly StateInvariant<State>[];
  readonly stepInvariants?: readonly StepInvariant<State>[];
  /** What shows that an invariant is broken, where it is one of paths: the steps from its state on. */
  showBroken?(state: State, invariant: string, last: Step | null): readonly Step[];
}
