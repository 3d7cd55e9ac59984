{{/* Names, labels and choices that several templates share. */}}

{{- define "poolwarden.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "poolwarden.fullname" -}}
{{- $name := include "poolwarden.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "poolwarden.selectorLabels" -}}
app.kubernetes.io/name: {{ include "poolwarden.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "poolwarden.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "poolwarden.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "poolwarden.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "poolwarden.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "poolwarden.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* "true" or nothing. Without a cluster (helm template) nobody says what it serves: auto is off. */}}
{{- define "poolwarden.admission" -}}
{{- $wish := toString .Values.delivery.admission.enabled }}
{{- if eq $wish "true" }}true
{{- else if eq $wish "false" }}
{{- else if .Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy" }}true
{{- end }}
{{- end }}

{{/* A number as digits, since Helm would write one of seven as 1e+06; a text such as 40% as it is. */}}
{{- define "poolwarden.countOrText" -}}
{{- if kindIs "string" . }}{{ . }}{{ else }}{{ int64 . }}{{ end }}
{{- end }}

{{/* The operator's account, as the subject of a binding. */}}
{{- define "poolwarden.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "poolwarden.serviceAccountName" . | quote }}
    namespace: {{ .Release.Namespace | quote }}
{{- end }}
