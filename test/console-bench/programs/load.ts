import { createStory, tellOrder } from "../../console/story.ts";

// A console on a story that is told at a given rate, without processes or sockets. With `--mute` nobody looks, so that
// what the telling costs can be taken off.

const EVENTS_PER_ORDER = 32;
const TICK_MS = 50;

const rate = Number(process.argv[2]);
const isMute = process.argv.includes("--mute");
process.env.NODE_ENV = "production";

const story = createStory(Date.now(), false);
let counter = 0;
let owed = 0;
const tick = (): void => {
  owed += (rate * TICK_MS) / 1000 / EVENTS_PER_ORDER;
  for (; owed >= 1; owed -= 1) {
    counter += 1;
    // Telling moves the story's clock; the wall's is what ages are counted by.
    story.pass(Date.now() - story.nowMs());
    tellOrder(story, counter, counter % 9 === 0 ? "refused" : "committed");
  }
};

if (isMute) {
  story.watcher.subscribe(() => {});
  story.begin();
  process.stdout.write("telling\n");
  setInterval(tick, TICK_MS);
} else {
  const { runConsole } = await import(new URL("../../../dist/console/run-console.js", import.meta.url).href);
  const cannot = async (): Promise<never> => {
    throw new Error("there is no cluster behind this console");
  };
  const shown = runConsole({
    watcher: story.watcher,
    operator: { submit: cannot, armFault: cannot, resolve: cannot },
    cluster: null,
    recorder: null,
    clusterName: "load",
    stdin: process.stdin,
    stdout: process.stdout,
    readOnly: true,
    tokenFile: null,
    inTmux: false,
    userName: "bench",
    colors: "256",
    theme: "dark",
  });
  story.begin();
  setInterval(tick, TICK_MS);
  await shown;
  process.exit(0);
}
