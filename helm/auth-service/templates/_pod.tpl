{{/* The variables of the service. Variables of secrets name files. */}}
{{- define "auth-service.env" -}}
- name: HTTP_ADDR
  value: ":8000"
{{- range $name, $value := omit .Values.config "SHUTDOWN_DELAY_SECONDS" }}
{{- $text := include "auth-service.text" $value }}
{{- if ne $text "" }}
- name: {{ $name }}
  value: {{ $text | quote }}
{{- end }}
{{- end }}
- name: SHUTDOWN_DELAY_SECONDS
  value: {{ include "auth-service.shutdownDelay" . | quote }}
{{- if .Values.sqlite.enabled }}
- name: DATABASE_URL
  value: {{ include "auth-service.sqliteURL" . }}
{{- end }}
{{- range $name, $_ := omit .Values.secrets "DATABASE_MIGRATION_URL" }}
{{- if include "auth-service.hasSecret" (dict "root" $ "name" $name) }}
- name: {{ $name }}_FILE
  value: {{ include "auth-service.secretsPath" $ }}/{{ $name }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The secrets that migrations need, as a JSON list: the database, and the direct connection if it is set. */}}
{{- define "auth-service.migrationSecrets" -}}
{{- if include "auth-service.hasSecret" (dict "root" . "name" "DATABASE_MIGRATION_URL") -}}
["DATABASE_MIGRATION_URL", "DATABASE_URL"]
{{- else -}}
["DATABASE_URL"]
{{- end -}}
{{- end -}}

{{/* The sources of a projected volume that holds each secret of .names in a file of its name. */}}
{{- define "auth-service.secretSources" -}}
{{- range $name := .names }}
{{- $secret := index $.root.Values.secrets $name }}
{{- if $secret.existingSecret }}
- secret:
    name: {{ $secret.existingSecret }}
    items:
      - key: {{ $secret.existingSecretKey | default $name }}
        path: {{ $name }}
{{- else if $secret.value }}
- secret:
    name: {{ include "auth-service.fullname" $.root }}
    items:
      - key: {{ $name }}
        path: {{ $name }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Spreads each revision over nodes and zones. SQLite has one replica. */}}
{{- define "auth-service.topologySpread" -}}
{{- if .Values.topologySpreadConstraints -}}
{{ toYaml .Values.topologySpreadConstraints }}
{{- else if not .Values.sqlite.enabled -}}
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "auth-service.selectorLabels" $ | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
{{- end -}}

{{- define "auth-service.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
periodSeconds: {{ int .probe.periodSeconds }}
timeoutSeconds: {{ int .probe.timeoutSeconds }}
failureThreshold: {{ int .probe.failureThreshold }}
{{- end -}}
