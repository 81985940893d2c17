{{/* "true" where a hook may sleep by itself: the image has no shell to do it. */}}
{{- define "auth-service.preStop" -}}
{{- if and (gt (int .Values.drain.preStopSeconds) 0) (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version) }}true{{ end -}}
{{- end -}}

{{/* Seconds that the service answers on as not ready: the hook's too where there is no hook. */}}
{{- define "auth-service.shutdownDelay" -}}
{{- $delay := int .Values.config.SHUTDOWN_DELAY_SECONDS -}}
{{- if include "auth-service.preStop" . }}{{ $delay }}{{ else }}{{ add $delay (int .Values.drain.preStopSeconds) }}{{ end -}}
{{- end -}}

{{/* The least seconds between the order to stop and the kill. */}}
{{- define "auth-service.leastGrace" -}}
{{- $timeout := 20 -}}
{{- if not (kindIs "invalid" .Values.config.SHUTDOWN_TIMEOUT_SECONDS) }}{{ $timeout = int .Values.config.SHUTDOWN_TIMEOUT_SECONDS }}{{ end -}}
{{- add (int .Values.drain.preStopSeconds) (int .Values.config.SHUTDOWN_DELAY_SECONDS) $timeout (int .Values.drain.marginSeconds) -}}
{{- end -}}

{{- define "auth-service.grace" -}}
{{- $least := int (include "auth-service.leastGrace" .) -}}
{{- if kindIs "invalid" .Values.terminationGracePeriodSeconds -}}
{{- $least -}}
{{- else -}}
{{- int .Values.terminationGracePeriodSeconds -}}
{{- end -}}
{{- end -}}
