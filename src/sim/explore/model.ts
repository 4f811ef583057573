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

/**
 * What a model takes for equal may change from level to level, by what it has seen; and with it what its actions lead to.
 */
export interface Learning {
  /** All is explored from the beginning, with what is known now. */
  begin(): void;
  /** After each level: true when states were taken for equal that may not be, so that all must begin anew in the end. */
  tookTooMuchForEqual(): boolean;
  /** Goes back to what was known when the states of a level, counted from 1, were expanded. */
  recall(level: number): void;
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
  /** Where the model finds out on the way which states are equal. */
  readonly learning?: Learning;
  readonly invariants: readonly StateInvariant<State>[];
  readonly stepInvariants?: readonly StepInvariant<State>[];
  /** What shows that an invariant is broken, where it is one of paths: the steps from its state on. */
  showBroken?(state: State, invariant: string, last: Step | null): readonly Step[];
}
