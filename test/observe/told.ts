import { emptyModel, type Model, type Transaction } from "../../src/observe/model.ts";
import type { WatchUpdate } from "../../src/observe/ports.ts";
import { reduceAll } from "../../src/observe/reducer.ts";
import { createStory, type Ending, type Story, tellOrder } from "../console/story.ts";

/** What a watcher knows who was told of one order, and of what came after. */
export function told(ending: Ending, after?: (story: Story) => void): Model {
  const story = createStory();
  story.begin();
  tellOrder(story, 1, ending);
  after?.(story);
  const updates: WatchUpdate[] = [];
  story.watcher.subscribe((update) => updates.push(update));
  return reduceAll(emptyModel(), updates, story.nowMs());
}

export function only(model: Model): Transaction {
  const [transaction] = model.transactions.values();
  if (transaction === undefined) throw new Error("no transaction was told");
  return transaction;
}
