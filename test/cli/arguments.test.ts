import { describe, expect, it } from "vitest";
import {
  listenArgument,
  nodeUrlArgument,
  nodeUrlsArgument,
  timeoutArgument,
} from "../../src/cli/arguments.ts";

describe("arguments", () => {
  it.each([
    ["ws://127.0.0.1:7420", "ws://127.0.0.1:7420"],
    ["http://localhost:7420/", "ws://localhost:7420"],
    ["https://example.org", "wss://example.org"],
    ["127.0.0.1:7420", "ws://127.0.0.1:7420"],
    ["[::1]:7420", "ws://[::1]:7420"],
  ])("take the address %s", (text, url) => {
    expect(nodeUrlArgument(text)).toBe(url);
  });

  it.each(["", "ftp://127.0.0.1", "ws://", "127.0.0.1:99999", "a b"])("refuse the address %j", (text) => {
    expect(() => nodeUrlArgument(text)).toThrow(/ws:\/\/127\.0\.0\.1:7420/);
  });

  it("gather repeated coordinators", () => {
    expect(nodeUrlsArgument("b:2", nodeUrlsArgument("a:1"))).toEqual(["ws://a:1", "ws://b:2"]);
  });

  it.each([
    ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
    ["7421", { host: "127.0.0.1", port: 7421 }],
    [":7421", { host: "127.0.0.1", port: 7421 }],
    ["[::1]:7421", { host: "::1", port: 7421 }],
    ["localhost:7421", { host: "localhost", port: 7421 }],
  ])("take the place to listen %s", (text, address) => {
    expect(listenArgument(text)).toEqual(address);
  });

  it.each(["", "localhost", "127.0.0.1:65536", "::1:7421", "a:b"])(
    "refuse the place to listen %j",
    (text) => {
      expect(() => listenArgument(text)).toThrow(/HOST:PORT/);
    },
  );

  it.each(["0", "-1", "1.5", "", "2147483648", "1e3"])("refuse the time-out %j", (text) => {
    expect(() => timeoutArgument(text)).toThrow(/milliseconds/);
  });
});
