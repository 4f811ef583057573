/** One word of a shell's, for the line may be copied into one and a name may hold a quote. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
