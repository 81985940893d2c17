{{/* "true" if Kubernetes has the sleep handler for hooks; the image has no shell to sleep in. */}}
{{- define "auth-service.preStop" -}}
{{- if and (gt (int .Values.drain.preStopSeconds) 0) (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version) }}true{{ end -}}
{{- end -}}

{{/* Seconds during which a stopping service answers but is not ready; without a hook they include the hook's seconds. */}}
{{- define "auth-service.shutdownDelay" -}}
{{- $delay := int (get .Values.config "SHUTDOWN_DELAY_SECONDS") -}}
{{- if include "auth-service.preStop" . }}{{ $delay }}{{ else }}{{ add $delay (int .Values.drain.preStopSeconds) }}{{ end -}}
{{- end -}}

{{/* The minimum seconds between the order to stop and the kill. */}}
{{- define "auth-service.leastGrace" -}}
{{- $timeout := int (get .Values.config "SHUTDOWN_TIMEOUT_SECONDS" | default 20) -}}
{{- add (int .Values.drain.preStopSeconds) (int (get .Values.config "SHUTDOWN_DELAY_SECONDS")) $timeout (int .Values.drain.marginSeconds) -}}
{{- end -}}

{{- define "auth-service.grace" -}}
{{- int .Values.terminationGracePeriodSeconds | default (int (include "auth-service.leastGrace" .)) -}}
{{- end -}}
