/** Looks for something wrong with the program; resolves with what it is, by name, or with null. */
export interface Catcher {
  readonly name: string;
  /** `storyFirst` is the golden trace to begin with, where there is one that has caught it before. */
  run(storyFirst?: string): Promise<string | null>;
}
