{{/* One rule of egress: .to (empty: anywhere), .ports, .protocols. */}}
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

{{/* Where traces go, as the service reads it. */}}
{{- define "auth-service.otlpEndpoint" -}}
{{- get .Values.config "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" | default (get .Values.config "OTEL_EXPORTER_OTLP_ENDPOINT") -}}
{{- end -}}

{{/* The port of the collector: the URL's, or its scheme's. */}}
{{- define "auth-service.otlpPort" -}}
{{- $url := urlParse (include "auth-service.otlpEndpoint" .) -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- if $port }}{{ $port }}{{ else if eq $url.scheme "https" }}443{{ else }}80{{ end -}}
{{- end -}}
