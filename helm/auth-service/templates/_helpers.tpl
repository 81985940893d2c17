{{/* The chart's name, shortened to the length of a label. */}}
{{- define "auth-service.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of all objects: the release's name, followed by the chart's unless it contains that. 52 characters leave room for suffixes. */}}
{{- define "auth-service.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "auth-service.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "auth-service.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The labels that select the pods; an upgrade must not change them. */}}
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

{{/* A digest decides; the tag beside it is for readers. */}}
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

{{/* A value as the text of a variable: lists with commas, YAML's numbers without an exponent. */}}
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

{{/* The path of PUBLIC_URL, without a slash at its end. */}}
{{- define "auth-service.publicPath" -}}
{{- with (get .Values.config "PUBLIC_URL") -}}
{{- regexReplaceAll "/+$" (urlParse (toString .)).path "" -}}
{{- end -}}
{{- end -}}

{{/* The maximum number of replicas. */}}
{{- define "auth-service.maxReplicas" -}}
{{- if .Values.autoscaling.enabled }}{{ int .Values.autoscaling.maxReplicas }}{{ else }}{{ int .Values.replicaCount }}{{ end -}}
{{- end -}}

{{/* The minimum number of replicas. */}}
{{- define "auth-service.minReplicas" -}}
{{- if .Values.autoscaling.enabled }}{{ int .Values.autoscaling.minReplicas }}{{ else }}{{ int .Values.replicaCount }}{{ end -}}
{{- end -}}

{{/* The DATABASE_URL of SQLite; the volume is mounted at /data. */}}
{{- define "auth-service.sqliteURL" -}}
sqlite:///data/auth.db
{{- end -}}

{{/* "true" if the secret .name is set, as a value or as an existing Secret. */}}
{{- define "auth-service.hasSecret" -}}
{{- $secret := index .root.Values.secrets .name -}}
{{- if or $secret.value $secret.existingSecret }}true{{ end -}}
{{- end -}}

{{/* The mount point of the secrets. */}}
{{- define "auth-service.secretsPath" -}}
/run/secrets/auth-service
{{- end -}}

{{/* The contents of the chart's own Secret, as YAML: the secrets that are set as values. */}}
{{- define "auth-service.secretData" -}}
{{- $data := dict -}}
{{- range $name, $secret := .Values.secrets -}}
{{- if and $secret.value (not $secret.existingSecret) -}}
{{- $_ := set $data $name ($secret.value | b64enc) -}}
{{- end -}}
{{- end -}}
{{- toYaml $data -}}
{{- end -}}

{{/*
A checksum of the chart's own Secret, to restart the pods after a change. More people may read
Deployments than Secrets, so it is one of scrypt: a guess at a password takes a tenth of a second.
*/}}
{{- define "auth-service.secretChecksum" -}}
{{- $data := include "auth-service.secretData" . -}}
{{- if ne $data "{}" -}}
{{- $data = derivePassword 1 "maximum" $data "checksum" (include "auth-service.fullname" .) -}}
{{- end -}}
{{- sha256sum $data -}}
{{- end -}}
