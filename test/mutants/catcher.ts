/** Looks for something wrong with the program; resolves with what it is, by name, or with null. */
export interface Catcher {
  readonly name: string;
  run(): Promise<string | null>;
}
