import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAccounts, readInventory } from "../../src/drivers/seed-file.ts";

// Goal: a starting file on disk becomes rows, or one error whose code says whether it was missing or malformed.

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "seed-file-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const write = async (name: string, content: string | Uint8Array) => {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
};

test("the ending of the name decides the format, and without one the first character", async () => {
  const csv = "\ufeffsku,name,onHand\nA,Lamp,1\n";
  const json = '[{"sku": "A", "name": "Lamp", "onHand": 1}]';
  const rows = [{ sku: "A", name: "Lamp", onHand: "1" }];
  for (const [name, content] of [
    ["a.csv", csv],
    ["a.JSON", json],
    ["csv", csv],
    ["json", `\n${json}`],
  ] as const) {
    expect(await readInventory(await write(name, content)), name).toEqual(rows);
  }
  const books = await write("books.csv", "id,name,type\ncash,Cash,asset\n");
  expect(await readAccounts(books)).toMatchObject([{ id: "cash", debitsPosted: "0" }]);
});

test("a missing file and a directory are no input", async () => {
  const missing = join(directory, "missing.csv");
  await expect(readInventory(missing)).rejects.toMatchObject({
    code: "TPC_NO_INPUT",
    message: expect.stringContaining(missing),
  });
  await expect(readAccounts(directory)).rejects.toMatchObject({ code: "TPC_NO_INPUT" });
});

test("a malformed file gives its first problem and the number of the others, in one line", async () => {
  const path = await write("bad.csv", "sku,name,onHand\nA,Lamp,-1\nA,Lamp,x\n");
  await expect(readInventory(path)).rejects.toMatchObject({
    code: "TPC_BAD_INPUT",
    message: `${path} line 2: onHand is "-1", expected a whole number from 0 to 9007199254740991 (and 2 more)`,
  });
});

test("bytes that are not UTF-8 are malformed", async () => {
  const path = await write("latin1.csv", new Uint8Array([0x73, 0x6b, 0x75, 0xe4]));
  await expect(readInventory(path)).rejects.toMatchObject({ code: "TPC_BAD_INPUT" });
});

test("JSON with a key that stands twice, or nested without end, is malformed", async () => {
  const row = '{"sku":"A","name":"Lamp","onHand":1,"onHand":1000}';
  for (const text of [
    `[${row}]`,
    "[".repeat(100_000),
    `[{"sku":${"[".repeat(9_000)}${"]".repeat(9_000)}}]`,
  ]) {
    const path = await write("stock.json", text);
    await expect(readInventory(path)).rejects.toMatchObject({ code: "TPC_BAD_INPUT" });
  }
});
