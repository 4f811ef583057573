import { duration, timeOfDayMs } from "../../observe/figures.ts";
import { grouped } from "../../schema/money.ts";
import { fitRow, type Row, rowWidth, span } from "../row.ts";
import type { ReplayPlace } from "./desk.ts";

const BAR_MIN = 10;

/** Where the replay stands: the event's number, its time, how far that is from the beginning, and a bar. */
export function placeRow(place: ReplayPlace, width: number): Row {
  const { step, count, atMs, startMs, endMs, isPlaying } = place;
  const state = isPlaying ? span(`> ${speedText(place.speed)}`, "good") : span("paused", "warn");
  const number = span(` ${grouped(String(step))} of ${grouped(String(count))}`, "strong");
  const head: Row = [span(" event", "dim"), number, span("  "), state];
  const time: Row = [span(`  ${timeOfDayMs(atMs)}`, "plain")];
  const since: Row = [span(`  +${duration(atMs - startMs)} of ${duration(endMs - startMs)}`, "dim")];
  let row = head;
  for (const part of [progressOf(place), time, since])
    if (rowWidth(row) + rowWidth(part) <= width) row = [...row, ...part];
  const room = width - rowWidth(row) - 3;
  if (room >= BAR_MIN) row = [...row, span("  "), ...barRow(count === 0 ? 0 : step / count, room)];
  return fitRow(row, width);
}

/** What goes on behind the screen: the trace is read, the run is looked through. */
function progressOf({ read, searching }: ReplayPlace): Row {
  if (searching !== null) return [span(`  looking at ${grouped(String(searching))}`, "warn")];
  return read >= 1 ? [] : [span(`  reading ${Math.floor(read * 100)} %`, "warn")];
}

function barRow(share: number, width: number): Row {
  const done = Math.round(share * (width - 1));
  return [span("━".repeat(done), "accent"), span("●", "strong"), span("─".repeat(width - 1 - done), "dim")];
}

function speedText(speed: number): string {
  return speed >= 1 ? `${speed}×` : `1/${Math.round(1 / speed)}×`;
}
