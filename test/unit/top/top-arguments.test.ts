// What `poolwarden top` makes of its arguments.
import { expect, it } from "vitest";
import { readTopArguments } from "../../../src/top/top-arguments.ts";

it("by default it shows all namespaces, the largest pools first", () => {
  const request = readTopArguments([]);

  expect(request).toMatchObject({ namespace: undefined, kubeconfig: undefined });
  expect(request?.state).toMatchObject({ sortedBy: { title: "SLOTS" }, filter: "" });
});

it("takes a namespace, a column, a filter and a kubeconfig", () => {
  const request = readTopArguments(
    "-n shop --sort pods --filter web --kubeconfig /tmp/config".split(" "),
  );

  expect(request).toMatchObject({ namespace: "shop", kubeconfig: "/tmp/config" });
  expect(request?.state).toMatchObject({ sortedBy: { title: "PODS" }, filter: "web" });
});

it("--help asks for nothing else", () => {
  expect(readTopArguments(["--help", "--sort", "nothing"])).toBeUndefined();
});

it.each([
  [["--sort", "cpu"], '--sort "cpu": must be one of namespace, policy'],
  [["--watch"], "Unknown option '--watch'; see poolwarden top --help"],
  [["shop"], "Unexpected argument 'shop'"],
])("%j is refused with what would do", (args, message) => {
  expect(() => readTopArguments(args)).toThrow(message);
});
