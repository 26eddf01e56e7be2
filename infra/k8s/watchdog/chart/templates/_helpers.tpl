{{- define "watchdog.selector" -}}
app.kubernetes.io/name: scheduler-watchdog
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "watchdog.labels" -}}
{{ include "watchdog.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "watchdog.name" -}}
{{ if contains "scheduler-watchdog" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-scheduler-watchdog{{ end }}
{{- end }}
