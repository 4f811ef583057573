/**
 * The one text that V8 keeps of all that name a field and are equal: two of these are compared at a glance, where a part that was cut
 * out of another text is compared character by character, outside of the compiled code. For the few texts that thousands of messages name.
 */
export function interned<Text extends string>(text: Text): Text {
  const [kept = text] = Object.keys({ [text]: null }) as Text[];
  return kept;
}
