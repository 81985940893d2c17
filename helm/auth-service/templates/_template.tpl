{{/* The pod of the service, for the Deployment and the StatefulSet. */}}
{{- define "auth-service.podTemplate" -}}
{{- $secrets := without (keys .Values.secrets | sortAlpha) "DATABASE_MIGRATION_URL" -}}
{{- $sources := include "auth-service.secretSources" (dict "root" . "names" $secrets) -}}
{{- $migrates := and .Values.migrations.enabled (not .Values.sqlite.enabled) -}}
metadata:
  labels:
    {{- include "auth-service.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: auth-service
    # Settings are part of this template; secrets are not, so their checksum is.
    checksum/secret: {{ include "auth-service.secretChecksum" . }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "auth-service.serviceAccountName" . }}
  # The service does not call the Kubernetes API.
  automountServiceAccountToken: false
  # A Service named smtp would set SMTP_PORT to tcp://…
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "auth-service.grace" . }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "auth-service.topologySpread" . | trim }}
  topologySpreadConstraints:
    {{- . | nindent 4 }}
  {{- end }}
  {{- if $migrates }}
  initContainers:
    - name: migrate
      image: {{ include "auth-service.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [migrate, up]
      env:
        {{- range include "auth-service.migrationSecrets" . | fromJsonArray }}
        - name: {{ . }}_FILE
          value: {{ include "auth-service.secretsPath" $ }}/{{ . }}
        {{- end }}
        {{- with (get .Values.config "LOG_LEVEL") }}
        - name: LOG_LEVEL
          value: {{ . | quote }}
        {{- end }}
        {{- with (get .Values.config "LOG_FORMAT") }}
        - name: LOG_FORMAT
          value: {{ . | quote }}
        {{- end }}
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - name: migration
          mountPath: {{ include "auth-service.secretsPath" . }}
          readOnly: true
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  {{- end }}
  containers:
    - name: auth-service
      image: {{ include "auth-service.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve]
      env:
        {{- include "auth-service.env" . | nindent 8 }}
      ports:
        - name: http
          containerPort: 8000
          protocol: TCP
      startupProbe:
        {{- include "auth-service.probe" (dict "path" "/healthz" "probe" .Values.probes.startup) | nindent 8 }}
      livenessProbe:
        {{- include "auth-service.probe" (dict "path" "/healthz" "probe" .Values.probes.liveness) | nindent 8 }}
      readinessProbe:
        {{- include "auth-service.probe" (dict "path" "/readyz" "probe" .Values.probes.readiness) | nindent 8 }}
      {{- if include "auth-service.preStop" . }}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ int .Values.drain.preStopSeconds }}
      {{- end }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      {{- if or $sources .Values.sqlite.enabled .Values.extraVolumeMounts }}
      volumeMounts:
        {{- if $sources }}
        - name: secrets
          mountPath: {{ include "auth-service.secretsPath" . }}
          readOnly: true
        {{- end }}
        {{- if .Values.sqlite.enabled }}
        - name: data
          mountPath: /data
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
  {{- if or $sources .Values.sqlite.enabled .Values.extraVolumes }}
  volumes:
    {{- if $sources }}
    - name: secrets
      projected:
        defaultMode: 0440
        sources:
          {{- $sources | trim | nindent 10 }}
    {{- end }}
    {{- if $migrates }}
    # The direct connection, whose role may own the tables. The service never gets it.
    - name: migration
      projected:
        defaultMode: 0440
        sources:
          {{- include "auth-service.secretSources" (dict "root" . "names" (include "auth-service.migrationSecrets" . | fromJsonArray)) | trim | nindent 10 }}
    {{- end }}
    {{- if .Values.sqlite.enabled }}
    - name: data
      {{- if .Values.sqlite.persistence.enabled }}
      persistentVolumeClaim:
        claimName: {{ .Values.sqlite.persistence.existingClaim | default (printf "%s-data" (include "auth-service.fullname" .)) }}
      {{- else }}
      emptyDir: {}
      {{- end }}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end -}}
