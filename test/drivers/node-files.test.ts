import type { FileHandle } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { nodeFiles } from "../../src/drivers/node-files.ts";

// Goal: a failed sync is heard of at once. While a file is being closed first, a node would go on answering.

const open = vi.hoisted(() => vi.fn<() => Promise<Partial<FileHandle>>>());
vi.mock("node:fs/promises", async (importOriginal) => ({ ...(await importOriginal<object>()), open }));

test("a directory that cannot be synced is told before it is closed", async () => {
  const close = vi.fn(() => new Promise<void>(() => undefined));
  open.mockResolvedValue({ sync: () => Promise.reject(new Error("EIO")), close });
  await expect(nodeFiles.syncDirectory("/log")).rejects.toThrow("EIO");
  expect(close).toHaveBeenCalledOnce();
});
