{{/* The chart's name, shortened to what a label may hold. */}}
{{- define "auth-service.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of everything: the release's, with the chart's unless it is part of it. 52 leaves room for suffixes. */}}
{{- define "auth-service.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "auth-service.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "auth-service.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods; never changes in an upgrade. */}}
{{- define "auth-service.selectorLabels" -}}
app.kubernetes.io/name: {{ include "auth-service.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "auth-service.labels" -}}
{{ include "auth-service.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "auth-service.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "auth-service.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* A digest decides; a tag stands beside it for people. */}}
{{- define "auth-service.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- if .Values.image.digest -}}
{{- if .Values.image.tag -}}
{{- printf "%s:%s@%s" .Values.image.repository $tag .Values.image.digest -}}
{{- else -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- end -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository $tag -}}
{{- end -}}
{{- end -}}

{{/* A value as the text of a variable: lists by commas, numbers of YAML without an exponent. */}}
{{- define "auth-service.text" -}}
{{- if kindIs "slice" . -}}
{{- join "," . -}}
{{- else if kindIs "float64" . -}}
{{- if eq (float64 (int64 .)) . }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- else if not (kindIs "invalid" .) -}}
{{- toString . -}}
{{- end -}}
{{- end -}}

{{/* The host of PUBLIC_URL, without its port. */}}
{{- define "auth-service.publicHost" -}}
{{- with (get .Values.config "PUBLIC_URL") -}}
{{- (urlParse (toString .)).hostname -}}
{{- end -}}
{{- end -}}

{{/* The most replicas there may be. */}}
{{- define "auth-service.maxReplicas" -}}
{{- if .Values.autoscaling.enabled }}{{ int .Values.autoscaling.maxReplicas }}{{ else }}{{ int .Values.replicaCount }}{{ end -}}
{{- end -}}

{{/* The fewest replicas there should be. */}}
{{- define "auth-service.minReplicas" -}}
{{- if .Values.autoscaling.enabled }}{{ int .Values.autoscaling.minReplicas }}{{ else }}{{ int .Values.replicaCount }}{{ end -}}
{{- end -}}

{{/* Where DATABASE_URL of SQLite points; the volume is mounted at /data. */}}
{{- define "auth-service.sqliteURL" -}}
sqlite:///data/auth.db
{{- end -}}

{{/* "true" if the secret named .name is given, as a value or as an existing Secret. */}}
{{- define "auth-service.hasSecret" -}}
{{- $secret := index .root.Values.secrets .name -}}
{{- if or $secret.value $secret.existingSecret }}true{{ end -}}
{{- end -}}

{{/* The folder that secrets are mounted at. */}}
{{- define "auth-service.secretsPath" -}}
/run/secrets/auth-service
{{- end -}}

{{/* What the chart's own Secret holds: the secrets that are given as values, as YAML. */}}
{{- define "auth-service.secretData" -}}
{{- $data := dict -}}
{{- range $name, $secret := .Values.secrets -}}
{{- if and $secret.value (not $secret.existingSecret) -}}
{{- $_ := set $data $name ($secret.value | b64enc) -}}
{{- end -}}
{{- end -}}
{{- toYaml $data -}}
{{- end -}}
