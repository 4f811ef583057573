/**
 * What stands for a state: a whole number up to 2^53 − 1, or a text or a list of 32-bit numbers (of which the explorer
 * keeps 64 bits).
 */
export type Key = number | string | readonly number[];

/** A state as `width` 32-bit numbers. */
export interface Packing<State> {
  readonly width: number;
  write(state: State, into: Int32Array, at: number): void;
  read(from: Int32Array, at: number): State;
}

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
  /** Equal exactly for equal states; of one kind for all of them. */
  key(state: State): Key;
  /** Where there are millions at once: how a state is kept as numbers. */
  readonly packing?: Packing<State>;
  /**
   * Asked after each level: true when by what the model has seen since it last was asked, it has taken states for equal
   * that may not be. In the end all begins anew then, with what the model knows by now.
   */
  tookTooMuchForEqual?(): boolean;
  readonly invariants: readonly StateInvariant<State>[];
  readonly stepInvariants?: readonly StepInvariant<State>[];
  /** What shows that an invariant is broken, where it is one of paths: the steps from its state on. */
  showBroken?(state: State, invariant: string, last: Step | null): readonly Step[];
}
