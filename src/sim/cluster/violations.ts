/** The invariants of the protocol and its log that somebody can see broken from outside. */
export type InvariantName = `I${number}`;

/** Something that must not happen has happened. */
export interface Violation {
  readonly invariant: InvariantName;
  readonly text: string;
  /** Virtual time in milliseconds. */
  readonly atMs: number;
}

export type Report = (invariant: InvariantName, text: string) => void;
