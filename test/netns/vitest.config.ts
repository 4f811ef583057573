import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: the form that vitest asks for.
export default defineConfig({ test: { include: ["test/netns/*.netns.ts"], testTimeout: 60_000 } });
