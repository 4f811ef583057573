import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stateDirectory } from "../../src/drivers/state-directory.ts";
import { findOrMakeToken, findToken } from "../../src/drivers/token.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "token-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("one token a cluster", () => {
  test("nodes that start at once agree on one, which only its owner can read", async () => {
    const dataDir = join(directory, "made", "too");
    const tokens = await Promise.all(Array.from({ length: 20 }, () => findOrMakeToken({ dataDir })));
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
    const [first] = tokens;
    expect(first?.path).toBe(join(dataDir, "token"));
    expect(first?.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await stat(join(dataDir, "token"))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(["token"]);
    expect(await findToken({ dataDir })).toEqual(first);
    expect(await readFile(join(dataDir, "token"), "utf8")).toBe(`${first?.token}\n`);
  });

  test("a client never makes one, and is told where it was looked for", async () => {
    const path = join(directory, "token");
    await expect(findToken({ dataDir: directory })).rejects.toMatchObject({
      code: "TPC_TOKEN",
      message: `no token at ${path}`,
    });
    expect(await readdir(directory)).toEqual([]);
  });

  test("a file that was named must be there", async () => {
    const tokenFile = join(directory, "mistyped");
    await expect(findOrMakeToken({ tokenFile })).rejects.toMatchObject({ code: "TPC_TOKEN" });
    expect(await readdir(directory)).toEqual([]);
  });

  test.each([
    ["empty", "", "TPC_TOKEN"],
    ["blank", " \n", "TPC_TOKEN"],
    ["too short", "short", "TPC_TOKEN"],
    ["two words", "sixteen characters or more", "TPC_TOKEN"],
    ["too long", "x".repeat(257), "TPC_TOKEN"],
  ])("a file that is %s is refused by its name", async (_what, content, code) => {
    const tokenFile = join(directory, "token");
    await writeFile(tokenFile, content, { mode: 0o600 });
    const error = await findOrMakeToken({ tokenFile }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringContaining(tokenFile) });
  });

  test("a file that others may read is refused, with the mode it has", async () => {
    const tokenFile = join(directory, "token");
    await writeFile(tokenFile, "a-token-long-enough", { mode: 0o600 });
    await chmod(tokenFile, 0o640);
    await expect(findToken({ tokenFile })).rejects.toMatchObject({
      code: "TPC_CONFIG",
      message: expect.stringContaining("0640"),
    });
    await chmod(tokenFile, 0o400);
    expect(await findToken({ tokenFile })).toMatchObject({ token: "a-token-long-enough" });
  });

  test("a directory is not a token, and a place where none can be made is named", async () => {
    await mkdir(join(directory, "token"));
    await expect(findOrMakeToken({ dataDir: directory })).rejects.toMatchObject({ code: "TPC_TOKEN" });
    await writeFile(join(directory, "file"), "");
    await expect(findOrMakeToken({ dataDir: join(directory, "file") })).rejects.toMatchObject({
      message: expect.stringContaining(join(directory, "file")),
    });
  });
});

describe("the state directory", () => {
  test("follows XDG_STATE_HOME, if that is absolute", () => {
    expect(stateDirectory({ XDG_STATE_HOME: "/state" })).toBe("/state/2pc-console");
    const fallback = join(homedir(), ".local/state/2pc-console");
    expect(stateDirectory({ XDG_STATE_HOME: "relative" })).toBe(fallback);
    expect(stateDirectory({ XDG_STATE_HOME: "" })).toBe(fallback);
    expect(stateDirectory({})).toBe(fallback);
  });
});
