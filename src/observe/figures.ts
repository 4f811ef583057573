/** `21:04:11` of a wall clock in milliseconds since 1970, in the local time zone. */
export function timeOfDay(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
}

/** `21:04:11.202`. */
export function timeOfDayMs(atMs: number): string {
  return `${timeOfDay(atMs)}.${String(new Date(atMs).getMilliseconds()).padStart(3, "0")}`;
}

/** A span in at most five characters: `0s`, `59s`, `4m`, `3h`, `12d`; whole units, so that it changes slowly. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 100) return `${seconds}s`;
  if (seconds < 6000) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** A measured span: `0.4 ms`, `31 ms`, `1.2 s`, `2 m`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 0) return "0 ms";
  if (milliseconds < 10 && !Number.isInteger(milliseconds)) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 100_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} m`;
}

const ROUND_TRIP_STEPS_MS = [5, 10, 20, 50, 100, 200, 500];

/** A round trip in steps coarse enough to stand still, in at most six characters: `<5 ms`, `<20 ms`, `<0.2 s`, `>0.5 s`. */
export function roundTrip(milliseconds: number): string {
  const step = ROUND_TRIP_STEPS_MS.find((each) => milliseconds < each);
  if (step === undefined) return ">0.5 s";
  return step < 100 ? `<${step} ms` : `<${step / 1000} s`;
}

/** `1 order`, `2 orders`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
