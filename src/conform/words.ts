import type { Conformance, Violation } from "./monitor.ts";

/** What was not allowed and why, a line each. */
export function violationLines({
  line,
  node,
  epoch,
  number,
  rule,
  from,
  found,
  allowed,
}: Violation): string[] {
  return [
    line,
    `  step     event ${number} of ${node}, run ${epoch}`,
    `  rule     ${rule} (${from})`,
    `  found    ${found}`,
    `  allowed  ${allowed}`,
  ];
}

/** The same in one line. */
export function violationLine({ line, rule, found }: Violation): string {
  return `${line}: breaks "${rule}": ${found}`;
}

/** How much was judged, in words. */
export function judgementText({ events, judged, notJudged }: Conformance): string {
  const left = Object.values(notJudged).reduce((sum, count) => sum + count, 0);
  const unseen = left === 0 ? "" : `, ${left} not made since something was not seen`;
  return `${events} events, ${judged} judgements${unseen}`;
}
