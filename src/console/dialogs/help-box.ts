import { VOTE_LETTERS } from "../../observe/transaction.ts";
import { bestMatches, matchedPlaces } from "../fuzzy.ts";
import { markPlaces } from "../highlight.ts";
import { type Binding, keyName } from "../keymap.ts";
import { fitRow, fitText, type Row, rowWidth, selectedRow, span } from "../row.ts";
import { visibleFrom } from "../table.ts";
import type { View } from "../view.ts";
import { type Box, frame } from "./box.ts";
import type { HelpDialog } from "./dialog.ts";

const GROUPS: readonly { readonly group: Binding["group"]; readonly title: string }[] = [
  { group: "act", title: "Do" },
  { group: "time", title: "Time" },
  { group: "leave", title: "Leave" },
  { group: "look", title: "See" },
  { group: "move", title: "Move" },
];

const KEYS_WIDTH = 11;

/** The bindings that the help lists, in its order: all by group, or those that answer to what was typed. */
export function helpItems(view: View, query: string): readonly Binding[] {
  const usable = view.ui.bindings.filter((binding) => !(view.readOnly && binding.acts));
  const grouped = GROUPS.flatMap(({ group }) => usable.filter((binding) => binding.group === group));
  // A single character asks what that key does.
  const exact = grouped.filter(({ keys }) => query !== "" && keys.includes(query));
  const others = bestMatches(query, grouped, ({ command, help }) => [command, help]);
  return [...exact, ...others.filter((binding) => !exact.includes(binding))];
}

/** Every key; in columns while nothing is typed and there is room. */
export function helpBox(view: View, dialog: HelpDialog, widthMax: number, heightMax: number): Box {
  const items = helpItems(view, dialog.query);
  const chosen = items[Math.min(dialog.index, items.length - 1)];
  const hint = "type to narrow  ↑↓ Enter runs it  Esc closes";
  const room = Math.max(1, heightMax - 2);
  const page = (title: string, lines: Lines, at: number): Box => {
    const from = visibleFrom(lines.length, at, room);
    const place = lines.length > room ? ` ${from + 1}-${from + room} of ${lines.length}` : "";
    const rows = lines.slice(from, from + room).map(({ row }) => row);
    return frame(`${title}${place}`, rows, hint, widthMax, heightMax);
  };
  if (dialog.query !== "") {
    const found = items.map((binding) => ({
      row: markPlaces(helpRow(binding, binding === chosen), helpPlaces(dialog.query, binding)),
      isChosen: false,
    }));
    const none: Lines = [{ row: [span("no key does that; Backspace widens", "dim")], isChosen: false }];
    return page(`Keys: ${dialog.query}_`, found.length === 0 ? none : found, dialog.index);
  }
  const sections = GROUPS.map(({ group, title: heading }): Lines => {
    const own = items.filter((binding) => binding.group === group);
    if (own.length === 0) return [];
    return [
      { row: [span(heading, "title")], isChosen: false },
      ...own.map((binding) => ({ row: helpRow(binding, binding === chosen), isChosen: binding === chosen })),
      { row: [], isChosen: false },
    ];
  });
  const lines = arranged(sections, legend(), widthMax - 4);
  // What stands below the last key is seen with it.
  const isLast = chosen !== undefined && chosen === items.at(-1);
  return page("Keys", lines, isLast ? lines.length - 1 : lines.findIndex(({ isChosen }) => isChosen));
}

type Lines = readonly { readonly row: Row; readonly isChosen: boolean }[];

function helpRow({ command, keys, help }: Binding, isChosen: boolean): Row {
  const names = keys.length === 0 ? `:${command}` : keys.map(keyName).join(" ");
  const row = [span(fitText(names, KEYS_WIDTH), "accent"), span(help)];
  return isChosen ? selectedRow(row, rowWidth(row)) : row;
}

function helpPlaces(query: string, { help }: Binding): readonly number[] {
  if (!help.toLowerCase().includes(query.trim().toLowerCase())) return [];
  return matchedPlaces(query, help).map((place) => KEYS_WIDTH + place);
}

function legend(): Lines {
  return [
    { row: [span("Votes", "title")], isChosen: false },
    ...Object.entries(VOTE_LETTERS).map(([letter, words]) => ({
      row: [span(fitText(letter, 3), "accent"), span(words)],
      isChosen: false,
    })),
  ];
}

/** As many columns as there is room for. */
function arranged(
  [act = [], time = [], leave = [], look = [], move = []]: readonly Lines[],
  votes: Lines,
  width: number,
): Lines {
  const layouts: readonly (readonly Lines[])[] = [
    [[...act, ...time, ...leave], look, [...move, ...votes]],
    [
      [...act, ...time, ...leave, ...move],
      [...look, ...votes],
    ],
  ];
  const fitting = layouts.map(beside).find(([first]) => rowWidth(first?.row ?? []) <= width);
  return fitting ?? [...act, ...time, ...leave, ...look, ...move, ...votes];
}

function beside(parts: readonly Lines[]): Lines {
  const widths = parts.map((lines) => Math.max(...lines.map(({ row }) => rowWidth(row))));
  const height = Math.max(...parts.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => ({
    row: parts.flatMap((lines, index) => [
      ...(index === 0 ? [] : [span("   ")]),
      ...fitRow(lines[line]?.row ?? [], widths[index] ?? 0),
    ]),
    isChosen: parts.some((lines) => lines[line]?.isChosen ?? false),
  }));
}
