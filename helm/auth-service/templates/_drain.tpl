{{/* "true" where a hook may sleep by itself: the image has no shell to do it. */}}
{{- define "auth-service.preStop" -}}
{{- if and (gt (int .Values.drain.preStopSeconds) 0) (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version) }}true{{ end -}}
{{- end -}}

{{/* Seconds that the service answers on as not ready: the hook's too where there is no hook. */}}
{{- define "auth-service.shutdownDelay" -}}
{{- $delay := int (get .Values.config "SHUTDOWN_DELAY_SECONDS") -}}
{{- if include "auth-service.preStop" . }}{{ $delay }}{{ else }}{{ add $delay (int .Values.drain.preStopSeconds) }}{{ end -}}
{{- end -}}

{{/* The least seconds between the order to stop and the kill. */}}
{{- define "auth-service.leastGrace" -}}
{{- $timeout := int (get .Values.config "SHUTDOWN_TIMEOUT_SECONDS" | default 20) -}}
{{- add (int .Values.drain.preStopSeconds) (int (get .Values.config "SHUTDOWN_DELAY_SECONDS")) $timeout (int .Values.drain.marginSeconds) -}}
{{- end -}}

{{- define "auth-service.grace" -}}
{{- int .Values.terminationGracePeriodSeconds | default (int (include "auth-service.leastGrace" .)) -}}
{{- end -}}
