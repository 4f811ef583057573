/**
 * A text as one word of a shell's, for a line that may be copied into one: a SKU, a reason or a node's address may hold
 * whatever a shell acts on.
 */
export function shellWord(text: string): string {
  if (/^[\w@:,./+-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
