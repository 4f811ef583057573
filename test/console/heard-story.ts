import { emptyModel, type Model } from "../../src/observe/model.ts";
import { reduce } from "../../src/observe/reducer.ts";
import { createStory, type Story } from "./story.ts";

/** What somebody knows who hears a story while it is told, and the story's time in milliseconds when it ends. */
export function hearStory(tell: (story: Story) => void): { readonly model: Model; readonly nowMs: number } {
  const story = createStory();
  let model = emptyModel();
  story.watcher.subscribe((update) => {
    model = reduce(model, update, story.nowMs());
  });
  tell(story);
  return { model, nowMs: story.nowMs() };
}

/** The same of a cluster that is up before the story goes on. */
export function hearCluster(tell: (story: Story) => void): ReturnType<typeof hearStory> {
  return hearStory((story) => {
    story.begin();
    tell(story);
  });
}
