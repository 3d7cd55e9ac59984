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
  - name: newGates
    expression: "has(object.spec.schedulingGates) ? object.spec.schedulingGates.map(g, g.name) : []"
  - name: oldGates
    expression: "has(oldObject.spec.schedulingGates) ? oldObject.spec.schedulingGates.map(g, g.name) : []"
  - name: isRelease
    expression: variables.newGates != variables.oldGates
validations:
  - expression: variables.new.all(k, k in ['poolwarden.dev/pool-size', 'poolwarden.dev/resized', 'poolwarden.dev/released'] || k in variables.old && variables.old[k] == variables.new[k]) && variables.old.all(k, k in variables.new)
    message: Poolwarden may change no annotation of a pod but poolwarden.dev/pool-size, poolwarden.dev/resized and poolwarden.dev/released, and remove none
    reason: Forbidden
  - expression: "!('poolwarden.dev/pool-size' in variables.new) || variables.new['poolwarden.dev/pool-size'].matches('^[1-9][0-9]{0,6}$') || 'poolwarden.dev/pool-size' in variables.old && variables.old['poolwarden.dev/pool-size'] == variables.new['poolwarden.dev/pool-size']"
    message: poolwarden.dev/pool-size is a number of at least 1
    reason: Forbidden
  - expression: "!('poolwarden.dev/resized' in variables.new) || variables.new['poolwarden.dev/resized'].matches('^was ([0-9]{1,7}) until ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z), touched ([0-9]{1,3})$') || 'poolwarden.dev/resized' in variables.old && variables.old['poolwarden.dev/resized'] == variables.new['poolwarden.dev/resized']"
    message: poolwarden.dev/resized says what the pod had before, until when, and how often it was told
    reason: Forbidden
  - expression: "!('poolwarden.dev/released' in variables.new) || variables.isRelease && variables.new['poolwarden.dev/released'] == object.metadata.uid || 'poolwarden.dev/released' in variables.old && variables.old['poolwarden.dev/released'] == variables.new['poolwarden.dev/released']"
    message: poolwarden.dev/released is the uid of a pod whose scheduling gate is removed
    reason: Forbidden
  - expression: "variables.isRelease ? variables.newGates == variables.oldGates.filter(g, g != 'poolwarden.dev/slots') && (has(object.spec.containers) ? object.spec.containers : []) == (has(oldObject.spec.containers) ? oldObject.spec.containers : []) && (has(object.spec.initContainers) ? object.spec.initContainers : []) == (has(oldObject.spec.initContainers) ? oldObject.spec.initContainers : []) && (has(object.spec.volumes) ? object.spec.volumes : []) == (has(oldObject.spec.volumes) ? oldObject.spec.volumes : []) && (has(object.spec.tolerations) ? object.spec.tolerations : []) == (has(oldObject.spec.tolerations) ? oldObject.spec.tolerations : []) && (has(object.spec.imagePullSecrets) ? object.spec.imagePullSecrets : []) == (has(oldObject.spec.imagePullSecrets) ? oldObject.spec.imagePullSecrets : []) && (has(object.spec.hostAliases) ? object.spec.hostAliases : []) == (has(oldObject.spec.hostAliases) ? oldObject.spec.hostAliases : []) && (has(object.spec.readinessGates) ? object.spec.readinessGates : []) == (has(oldObject.spec.readinessGates) ? oldObject.spec.readinessGates : []) && (has(object.spec.topologySpreadConstraints) ? object.spec.topologySpreadConstraints : []) == (has(oldObject.spec.topologySpreadConstraints) ? oldObject.spec.topologySpreadConstraints : []) && (has(object.spec.nodeSelector) ? object.spec.nodeSelector : {}) == (has(oldObject.spec.nodeSelector) ? oldObject.spec.nodeSelector : {}) && (has(object.spec.overhead) ? object.spec.overhead : {}) == (has(oldObject.spec.overhead) ? oldObject.spec.overhead : {}) && (has(object.spec.nodeName) ? object.spec.nodeName : '') == (has(oldObject.spec.nodeName) ? oldObject.spec.nodeName : '') && (has(object.spec.serviceAccountName) ? object.spec.serviceAccountName : '') == (has(oldObject.spec.serviceAccountName) ? oldObject.spec.serviceAccountName : '') && (has(object.spec.schedulerName) ? object.spec.schedulerName : '') == (has(oldObject.spec.schedulerName) ? oldObject.spec.schedulerName : '') && (has(object.spec.priorityClassName) ? object.spec.priorityClassName : '') == (has(oldObject.spec.priorityClassName) ? oldObject.spec.priorityClassName : '') && (has(object.spec.runtimeClassName) ? object.spec.runtimeClassName : '') == (has(oldObject.spec.runtimeClassName) ? oldObject.spec.runtimeClassName : '') && (has(object.spec.restartPolicy) ? object.spec.restartPolicy : '') == (has(oldObject.spec.restartPolicy) ? oldObject.spec.restartPolicy : '') && (has(object.spec.dnsPolicy) ? object.spec.dnsPolicy : '') == (has(oldObject.spec.dnsPolicy) ? oldObject.spec.dnsPolicy : '') && (has(object.spec.hostname) ? object.spec.hostname : '') == (has(oldObject.spec.hostname) ? oldObject.spec.hostname : '') && (has(object.spec.subdomain) ? object.spec.subdomain : '') == (has(oldObject.spec.subdomain) ? oldObject.spec.subdomain : '') && (has(object.spec.activeDeadlineSeconds) ? object.spec.activeDeadlineSeconds : -1) == (has(oldObject.spec.activeDeadlineSeconds) ? oldObject.spec.activeDeadlineSeconds : -1) && (has(object.spec.terminationGracePeriodSeconds) ? object.spec.terminationGracePeriodSeconds : -1) == (has(oldObject.spec.terminationGracePeriodSeconds) ? oldObject.spec.terminationGracePeriodSeconds : -1) && (has(object.spec.priority) ? object.spec.priority : -1) == (has(oldObject.spec.priority) ? oldObject.spec.priority : -1) && (has(object.spec.hostNetwork) ? object.spec.hostNetwork : false) == (has(oldObject.spec.hostNetwork) ? oldObject.spec.hostNetwork : false) && (has(object.spec.hostPID) ? object.spec.hostPID : false) == (has(oldObject.spec.hostPID) ? oldObject.spec.hostPID : false) && (has(object.spec.hostIPC) ? object.spec.hostIPC : false) == (has(oldObject.spec.hostIPC) ? oldObject.spec.hostIPC : false) && (has(object.spec.shareProcessNamespace) ? object.spec.shareProcessNamespace : false) == (has(oldObject.spec.shareProcessNamespace) ? oldObject.spec.shareProcessNamespace : false) && has(object.spec.affinity) == has(oldObject.spec.affinity) && (!has(object.spec.affinity) || object.spec.affinity == oldObject.spec.affinity) && has(object.spec.securityContext) == has(oldObject.spec.securityContext) && (!has(object.spec.securityContext) || object.spec.securityContext == oldObject.spec.securityContext) && has(object.spec.dnsConfig) == has(oldObject.spec.dnsConfig) && (!has(object.spec.dnsConfig) || object.spec.dnsConfig == oldObject.spec.dnsConfig) : object.spec == oldObject.spec"
    message: Poolwarden may not change the spec of a pod, but for removing the scheduling gate poolwarden.dev/slots
    reason: Forbidden
  - expression: "!variables.isRelease || 'poolwarden.dev/pool-size' in variables.new && 'poolwarden.dev/resized' in variables.new && (!('poolwarden.dev/resized' in variables.old) || variables.old['poolwarden.dev/resized'] != variables.new['poolwarden.dev/resized'])"
    message: Poolwarden may remove the scheduling gate poolwarden.dev/slots only together with giving a size
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
