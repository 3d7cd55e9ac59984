{{/* Generated from src by `make generate`; do not edit. */}}

{{- define "poolwarden.podFence" -}}
failurePolicy: Fail
matchConstraints:
  resourceRules:
    - apiGroups:
        - ""
      apiVersions:
        - v1
      operations:
        - UPDATE
      resources:
        - pods
      scope: Namespaced
matchConditions:
  - name: the-operator
    expression: request.userInfo.username == 'system:serviceaccount:{{ .Release.Namespace }}:{{ include "poolwarden.serviceAccountName" . }}'
variables:
  - name: new
    expression: "has(object.metadata.annotations) ? object.metadata.annotations : {}"
  - name: old
    expression: "has(oldObject.metadata.annotations) ? oldObject.metadata.annotations : {}"
validations:
  - expression: variables.new.all(k, k in ['poolwarden.dev/pool-size', 'poolwarden.dev/resized'] || k in variables.old && variables.old[k] == variables.new[k]) && variables.old.all(k, k in variables.new)
    message: Poolwarden may change no annotation of a pod but poolwarden.dev/pool-size and poolwarden.dev/resized, and remove none
    reason: Forbidden
  - expression: "!('poolwarden.dev/pool-size' in variables.new) || variables.new['poolwarden.dev/pool-size'].matches('^[1-9][0-9]{0,6}$') || 'poolwarden.dev/pool-size' in variables.old && variables.old['poolwarden.dev/pool-size'] == variables.new['poolwarden.dev/pool-size']"
    message: poolwarden.dev/pool-size is a number of at least 1
    reason: Forbidden
  - expression: "!('poolwarden.dev/resized' in variables.new) || variables.new['poolwarden.dev/resized'].matches('^was ([0-9]{1,7}) until ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z), touched ([0-9]{1,3})$') || 'poolwarden.dev/resized' in variables.old && variables.old['poolwarden.dev/resized'] == variables.new['poolwarden.dev/resized']"
    message: poolwarden.dev/resized says what the pod had before, until when, and how often it was told
    reason: Forbidden
  - expression: object.spec == oldObject.spec
    message: Poolwarden may not change the spec of a pod
    reason: Forbidden
  - expression: "(has(object.metadata.labels) ? object.metadata.labels : {}) == (has(oldObject.metadata.labels) ? oldObject.metadata.labels : {})"
    message: Poolwarden may not change the labels of a pod
    reason: Forbidden
  - expression: "(has(object.metadata.finalizers) ? object.metadata.finalizers : []) == (has(oldObject.metadata.finalizers) ? oldObject.metadata.finalizers : [])"
    message: Poolwarden may not change the finalizers of a pod
    reason: Forbidden
  - expression: "(has(object.metadata.ownerReferences) ? object.metadata.ownerReferences : []) == (has(oldObject.metadata.ownerReferences) ? oldObject.metadata.ownerReferences : [])"
    message: Poolwarden may not change the owners of a pod
    reason: Forbidden
{{- end }}
