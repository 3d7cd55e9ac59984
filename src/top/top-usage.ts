// What `poolwarden top --help` says.

export const topUsage = `poolwarden top shows database servers and their connection pools, from the status of each PoolPolicy.

Usage: poolwarden top [flags]

On a terminal it refreshes every 2 s until you press q; into a file or a pipe it prints once.
It needs the right to list poolpolicies, and nothing else.

Flags:
  -n, --namespace NAME     only policies of this namespace (default: all namespaces)
      --sort COLUMN        column to sort by, such as slots, held, pods or size (default: slots)
      --filter TEXT        only pools with this text in a name or in the decision
      --kubeconfig FILE    default: KUBECONFIG, ~/.kube/config, the pod's service account
  -h, --help               this text

Keys: q quits; s and S sort by the next and the previous column; r reverses the order;
      / filters, Enter keeps the filter, Esc clears it; arrow keys and page keys scroll
`;
