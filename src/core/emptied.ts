/**
 * Empties a list that is filled again and again, and returns it: a list that begins anew each time grows anew, and is copied each
 * time. One by one: to set its length would take the room from it.
 */
export function emptied<Item>(list: Item[]): Item[] {
  while (list.length > 0) list.pop();
  return list;
}
