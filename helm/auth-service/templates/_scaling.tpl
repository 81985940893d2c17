{{/* The annotation of a Deployment whose manifest leaves the number of replicas to the autoscaler. */}}
{{- define "auth-service.replicasMark" -}}
auth-service/replicas
{{- end -}}

{{/*
The number of replicas to write; empty if the autoscaler decides. With autoscaling it is empty from
the first installation on. If the last revision wrote a number, Kubernetes would take 1 for a number
that is gone: then it is the number that runs. It is the minimum after all replicas were stopped.
*/}}
{{- define "auth-service.replicas" -}}
{{- if not .Values.autoscaling.enabled -}}
{{- int .Values.replicaCount -}}
{{- else -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (include "auth-service.fullname" .) -}}
{{- $count := int (dig "spec" "replicas" 1 $live) -}}
{{- $marked := dig "metadata" "annotations" (include "auth-service.replicasMark" .) "" $live -}}
{{- if and $live (or (not $marked) (eq $count 0)) -}}
{{- $count | default (int .Values.autoscaling.minReplicas) -}}
{{- end -}}
{{- end -}}
{{- end -}}
