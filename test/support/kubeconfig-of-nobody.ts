// A kubeconfig that can be used, of an API server that does not answer: for what happens before one
// is needed.

export const kubeconfigOfNobody = {
  clusters: [{ name: "nobody", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "nobody", user: {} }],
  contexts: [{ name: "nobody", context: { cluster: "nobody", user: "nobody" } }],
  "current-context": "nobody",
};
