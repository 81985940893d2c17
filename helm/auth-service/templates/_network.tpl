{{/* One egress rule: .to (empty: any address), .ports, .protocols. */}}
{{- define "auth-service.egress" -}}
- ports:
    {{- range $port := .ports }}
    {{- range $protocol := $.protocols }}
    - port: {{ int $port }}
      protocol: {{ $protocol }}
    {{- end }}
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* The address for traces, by the rules of the service. */}}
{{- define "auth-service.otlpEndpoint" -}}
{{- get .Values.config "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" | default (get .Values.config "OTEL_EXPORTER_OTLP_ENDPOINT") -}}
{{- end -}}

{{/* The collector's port: the URL's, or the default of its scheme. */}}
{{- define "auth-service.otlpPort" -}}
{{- $url := urlParse (include "auth-service.otlpEndpoint" .) -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- if $port }}{{ $port }}{{ else if eq $url.scheme "https" }}443{{ else }}80{{ end -}}
{{- end -}}
