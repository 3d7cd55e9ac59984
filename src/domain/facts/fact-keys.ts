// By which names a decision tells policies, workloads and servers apart. A pool's key is made in
// the one file that makes keys.

/** `namespace/name` of a PoolPolicy. */
export type PolicyKey = string;
/** `namespace/Kind/name`, for example `shop/Deployment/web`. */
export type WorkloadKey = string;
/** Canonical `host:port` of a database server. The unit of budgeting. */
export type ServerKey = string;
