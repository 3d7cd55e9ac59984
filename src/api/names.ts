// Names of Kubernetes objects, as patterns: what the CRD, the flags and the chart's values refuse
// is the same, and is refused before the API server has to.

/** Of a namespace and of whatever becomes a host name: a DNS label. */
export const dnsLabelPattern = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";

/** As the API server has it of most objects: dots stand between labels; at most `objectNameMax`. */
export const dnsSubdomainPattern =
  "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

/** Of most other objects, with dots; at most `objectNameMax` characters. */
export const objectNamePattern = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
export const objectNameMax = 253;
