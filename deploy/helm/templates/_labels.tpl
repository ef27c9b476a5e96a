{{- /* What finds the pods of a service: (dict "release" .Release "name" $name) */}}
{{- define "counterfoil.labels" -}}
app.kubernetes.io/name: counterfoil
app.kubernetes.io/instance: {{ .release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}
