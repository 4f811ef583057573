import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeDirectory } from "../../src/drivers/make-directory.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tpc-make-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("making a directory", () => {
  it("makes missing parents too, for the owner alone, and takes one that is there", () => {
    const path = join(dir, "a", "b", "c");
    makeDirectory(path);
    makeDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, "a")).mode & 0o777).toBe(0o700);
  });

  it("says that a file is no directory, on the way and at the end", () => {
    writeFileSync(join(dir, "file"), "");
    expect(() => makeDirectory(join(dir, "file"))).toThrow("it is not a directory");
    expect(() => makeDirectory(join(dir, "file", "below"))).toThrow("ENOTDIR");
  });

  it("does not follow a link to nowhere", () => {
    symlinkSync(join(dir, "nowhere"), join(dir, "link"));
    expect(() => makeDirectory(join(dir, "link", "below"))).toThrow("ENOENT");
  });

  it.skipIf(process.platform !== "linux")("ends where a file system has no room for directories", () => {
    expect(() => makeDirectory("/proc/no-such-process/below")).toThrow("ENOENT");
  });
});
