{{/* Generated from src by `make generate`; do not edit. */}}

{{- define "poolwarden.rights.watched" -}}
# what to manage
- apiGroups: ["poolwarden.dev"]
  resources: [poolpolicies]
  verbs: [list, watch]
# grants, conditions and the ledger
- apiGroups: ["poolwarden.dev"]
  resources: [poolpolicies/status]
  verbs: [update]
# what is managed, rolls and template entries
- apiGroups: ["apps"]
  resources: [deployments, statefulsets]
  verbs: [get, list, watch, patch]
# what runs
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
{{- if .Values.evictions.enabled }}
# repairs, one pod at a time
- apiGroups: [""]
  resources: [pods/eviction]
  verbs: [create]
{{- end }}
{{- if .Values.livePools.enabled }}
# sizes of running pods, within the fence
- apiGroups: [""]
  resources: [pods]
  verbs: [patch]
{{- end }}
# which pods are of an old revision
- apiGroups: ["apps"]
  resources: [replicasets]
  verbs: [list, watch]
# what may still start
- apiGroups: ["autoscaling"]
  resources: [horizontalpodautoscalers]
  verbs: [list, watch]
# explaining
- apiGroups: ["events.k8s.io"]
  resources: [events]
  verbs: [create]
# alert rules
- apiGroups: ["monitoring.coreos.com"]
  resources: [prometheusrules]
  verbs: [list, watch, create, patch, delete]
{{- end }}

{{- define "poolwarden.rights.cluster" -}}
# whether pods are sized at admission
- apiGroups: ["admissionregistration.k8s.io"]
  resources: [mutatingadmissionpolicies, mutatingadmissionpolicybindings]
  verbs: [list, watch]
{{- end }}

{{- define "poolwarden.rights.own" -}}
# leading, and seeing who leads
- apiGroups: ["coordination.k8s.io"]
  resources: [leases]
  resourceNames: [{{ include "poolwarden.fullname" . | quote }}]
  verbs: [get, patch]
# a Lease that somebody has deleted
- apiGroups: ["coordination.k8s.io"]
  resources: [leases]
  verbs: [create]
{{- end }}
