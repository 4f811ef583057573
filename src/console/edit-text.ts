/** The text of a field after a key; null where the key does not edit. */
export function editText(text: string, key: string, lengthMax = 200): string | null {
  switch (key) {
    case "backspace":
      return [...text].slice(0, -1).join("");
    case "ctrl-u":
      return "";
    case "ctrl-w":
      return text.trimEnd().replace(/\S+$/, "");
    default:
      return [...key].length === 1 && [...text].length < lengthMax ? text + key : null;
  }
}
