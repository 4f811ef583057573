/** Those that tell the most about the protocol come first. */
const FIRST: readonly string[] = [
  "receive-prepare",
  "forced-prepared",
  "sent-vote",
  "receive-vote",
  "append-commit",
  "forced-commit",
  "sent-commit",
  "receive-commit",
  "forced-committed",
  "sent-ack",
  "receive-ack",
];

/** All points, the simple ones first. */
export function sortedPoints(points: readonly string[]): readonly string[] {
  const first = FIRST.filter((point) => points.includes(point));
  return [...first, ...points.filter((point) => !first.includes(point))];
}

/** When a node gets to a named point of its loop, in words. */
export function pointWords(point: string): string {
  const [when = "", ...rest] = point.split("-");
  const what = rest.join("-");
  const aMessage = `${/^[aeiou]/.test(what) ? "an" : "a"} ${what}`;
  switch (when) {
    case "receive":
      return `${aMessage} has arrived, nothing is done about it yet`;
    case "send":
      return `${aMessage} is about to be sent`;
    case "sent":
      return `${aMessage} has left`;
    case "append":
      return `the record ${what} is about to be appended`;
    case "appended":
      return `the record ${what} is appended, and not yet on disk`;
    case "forced":
      return `the record ${what} is on disk, and nobody knows yet`;
    case "answer":
      return "the client is about to be answered";
    default:
      return "the client has its answer";
  }
}
