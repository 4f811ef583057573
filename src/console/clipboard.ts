/** The control sequence (OSC 52) that puts a text into the clipboard of the terminal's own machine, through ssh too. */
export function clipboardSequence(text: string): string {
  return `\u001b]52;c;${Buffer.from(text, "utf8").toString("base64")}\u0007`;
}
