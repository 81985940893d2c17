{{/* Refuses values that cannot work, all at once, and names the values to set. */}}
{{- define "auth-service.validate" -}}
{{- $problems := list -}}
{{- $url := .Values.secrets.DATABASE_URL -}}
{{- range $name, $secret := .Values.secrets -}}
{{- if and $secret.value $secret.existingSecret -}}
{{- $problems = append $problems (printf "secrets.%s has both a value and an existingSecret: remove one" $name) -}}
{{- end -}}
{{- end -}}
{{- if .Values.sqlite.enabled -}}
{{- if .Values.autoscaling.enabled -}}
{{- $problems = append $problems "autoscaling.enabled needs PostgreSQL: SQLite is one file that one replica writes. Set secrets.DATABASE_URL and sqlite.enabled=false" -}}
{{- else if gt (int .Values.replicaCount) 1 -}}
{{- $problems = append $problems (printf "replicaCount is %d, and SQLite allows one replica: it is one file that one process writes. Set replicaCount=1, or secrets.DATABASE_URL and sqlite.enabled=false" (int .Values.replicaCount)) -}}
{{- end -}}
{{- if or (include "auth-service.hasSecret" (dict "root" . "name" "DATABASE_URL")) (include "auth-service.hasSecret" (dict "root" . "name" "DATABASE_MIGRATION_URL")) -}}
{{- $problems = append $problems "sqlite.enabled and secrets.DATABASE_URL or DATABASE_MIGRATION_URL exclude each other: use one of them" -}}
{{- end -}}
{{- else -}}
{{- if not (include "auth-service.hasSecret" (dict "root" . "name" "DATABASE_URL")) -}}
{{- $problems = append $problems "secrets.DATABASE_URL is missing: name an existing Secret (existingSecret, existingSecretKey), or try the service with sqlite.enabled=true and replicaCount=1" -}}
{{- end -}}
{{- if hasPrefix "sqlite" $url.value -}}
{{- $problems = append $problems "secrets.DATABASE_URL names SQLite: leave it empty and set sqlite.enabled=true, which mounts a volume for the file" -}}
{{- end -}}
{{- if not (include "auth-service.hasSecret" (dict "root" . "name" "JWT_SECRET_KEY")) -}}
{{- $problems = append $problems "secrets.JWT_SECRET_KEY is missing: kubectl create secret generic auth-keys --from-literal=JWT_SECRET_KEY=\"$(openssl rand -base64 48)\", then set existingSecret=auth-keys" -}}
{{- end -}}
{{- if not (get .Values.config "PUBLIC_URL") -}}
{{- $problems = append $problems "config.PUBLIC_URL is missing: the address that people reach the service at, such as https://auth.example.com" -}}
{{- end -}}
{{- if not (get .Values.config "SMTP_HOST") -}}
{{- $problems = append $problems "config.SMTP_HOST is missing: the mail server that sends for you" -}}
{{- end -}}
{{- end -}}
{{- $problems = concat $problems (include "auth-service.validateNetwork" . | fromJsonArray) -}}
{{- if $problems -}}
{{- fail (printf "\n\nthe chart's values have problems:\n  - %s\n" (join "\n  - " $problems)) -}}
{{- end -}}
{{- end -}}

{{/* Not empty if TRUSTED_PROXIES is set, by config or by extraEnv. */}}
{{- define "auth-service.trustsProxies" -}}
{{- if get .Values.config "TRUSTED_PROXIES" -}}config{{- end -}}
{{- range .Values.extraEnv -}}
{{- if eq .name "TRUSTED_PROXIES" -}}extraEnv{{- end -}}
{{- end -}}
{{- end -}}

{{/* The problems of scaling, stopping and routing, as a JSON list. */}}
{{- define "auth-service.validateNetwork" -}}
{{- $problems := list -}}
{{- if lt (int (include "auth-service.grace" .)) (int (include "auth-service.leastGrace" .)) -}}
{{- $problems = append $problems (printf "terminationGracePeriodSeconds is %s, and stopping may take %s: drain.preStopSeconds + SHUTDOWN_DELAY_SECONDS + SHUTDOWN_TIMEOUT_SECONDS + drain.marginSeconds. Raise it, or leave it out to have it computed" (include "auth-service.grace" .) (include "auth-service.leastGrace" .)) -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (lt (int .Values.autoscaling.maxReplicas) (int .Values.autoscaling.minReplicas)) -}}
{{- $problems = append $problems "autoscaling.maxReplicas is smaller than autoscaling.minReplicas" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) (not (include "auth-service.publicHost" .)) -}}
{{- $problems = append $problems "ingress.hosts is empty and config.PUBLIC_URL gives no host: set one of them" -}}
{{- end -}}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled) (not .Values.withoutTrustedProxies) (not (include "auth-service.trustsProxies" .)) -}}
{{- $problems = append $problems "config.TRUSTED_PROXIES is empty behind an Ingress or HTTPRoute: every client would count as the gateway, and a single one could use up the limits of all. Set it to the addresses of your gateway, such as [10.244.3.0/28], or set withoutTrustedProxies=true if that is meant" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- $problems = append $problems "httpRoute.parentRefs is empty: name the Gateway, such as [{name: public, namespace: gateways}]" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.hostnames) (not (include "auth-service.publicHost" .)) -}}
{{- $problems = append $problems "httpRoute.hostnames is empty and config.PUBLIC_URL gives no host: set one of them" -}}
{{- end -}}
{{- range .Values.extraEnv -}}
{{- if or (hasKey $.Values.config .name) (hasKey $.Values.secrets (trimSuffix "_FILE" .name)) (has .name (list "HTTP_ADDR" "PORT")) -}}
{{- $problems = append $problems (printf "extraEnv sets %s, which the chart sets: use config or secrets" .name) -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}
