import { setImmediate } from "node:timers/promises";
import { getHeapSpaceStatistics } from "node:v8";
import { fitGarbageCollector } from "../../../src/drivers/garbage.ts";

// Makes objects and keeps the newest of them for a while, as a node keeps transactions. Prints the most that the young
// generation was let hold, in MiB. The argument `unfitted` leaves the collector as it is.

if (process.argv[2] !== "unfitted") fitGarbageCollector();
const KEPT = 60_000;
const MADE = 1_000_000;
const AT_ONCE = 2_000;
const kept: object[] = [];
let most = 0;
for (let made = 0; made < MADE; made += 1) {
  kept[made % KEPT] = { made, parts: [made, { text: String(made) }] };
  if (made % AT_ONCE !== 0) continue;
  await setImmediate();
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
  most = Math.max(most, (young?.space_used_size ?? 0) + (young?.space_available_size ?? 0));
}
process.stdout.write(String(Math.round(most / 2 ** 20)));
