/** What a node says while its log's disk is nearly full. */
export function lowSpaceText(name: string, freeBytes: number, reserveBytes: number): string {
  return `the disk of ${name}${NEARLY_FULL}${mebibytes(freeBytes)} free, ${mebibytes(reserveBytes)} kept in reserve)`;
}

/** The alarm for that text. */
export function lowSpaceAlarm(text: string): string {
  return `${text}: new work is refused until there is room`;
}

export function isLowSpaceAlarm(alarm: string): boolean {
  return alarm.startsWith("the disk of ") && alarm.includes(NEARLY_FULL);
}

const NEARLY_FULL = " is nearly full (";

function mebibytes(bytes: number): string {
  return `${Math.floor((10 * bytes) / 2 ** 20) / 10} MiB`;
}
