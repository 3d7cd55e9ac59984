// The one thing that we need of client-node, in a file of its own: whoever imports this file when
// it is needed does not take the other nine tenths of the library, its generated client, into the
// bundle.
export { KubeConfig } from "@kubernetes/client-node";
