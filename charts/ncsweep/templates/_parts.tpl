{{/* Labels of everything, and of the orchestrator's pods. */}}
{{- define "ncsweep.labels" -}}
app.kubernetes.io/name: ncsweep
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "ncsweep.selector" -}}
app.kubernetes.io/name: ncsweep
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: orchestrator
{{- end }}
{{- define "ncsweep.name" -}}{{ .Release.Name }}-orchestrator{{- end }}
{{- define "ncsweep.install" -}}{{ .Values.install | default .Release.Name }}{{- end }}

{{/* An image, from the registry of the values: list of the root and the image. */}}
{{- define "ncsweep.image" -}}
{{- $root := index . 0 }}
{{- with $root.Values.registry }}{{ . }}/{{ end }}{{- index . 1 }}
{{- end }}

{{/* How the store and NATS are reached: for the orchestrator and, in the template, for workers. */}}
{{- define "ncsweep.access" -}}
{{- $access := list (dict "name" "NCSWEEP_NATS" "value" .Values.nats.servers) }}
{{- with .Values.store.secretName }}
{{- range $key := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
{{- $access = append $access (dict "name" $key "valueFrom" (dict "secretKeyRef" (dict "name" $.Values.store.secretName "key" $key))) }}
{{- end }}
{{- end }}
{{- if .Values.nats.credentialsSecretName }}{{ $access = append $access (dict "name" "NCSWEEP_NATS_CREDS" "value" "/etc/ncsweep/nats/user.creds") }}{{ end }}
{{- if .Values.nats.authorityConfigMapName }}{{ $access = append $access (dict "name" "NCSWEEP_NATS_CA" "value" "/etc/ncsweep/authority/ca.crt") }}{{ end }}
{{- toJson (dict "list" $access) }}
{{- end }}
{{- define "ncsweep.volumes" -}}
{{- $volumes := list }}
{{- with .Values.nats.credentialsSecretName }}{{ $volumes = append $volumes (dict "name" "nats" "secret" (dict "secretName" .)) }}{{ end }}
{{- with .Values.nats.authorityConfigMapName }}{{ $volumes = append $volumes (dict "name" "authority" "configMap" (dict "name" .)) }}{{ end }}
{{- toJson (dict "list" $volumes) }}
{{- end }}
{{- define "ncsweep.mounts" -}}
{{- $mounts := list }}
{{- if .Values.nats.credentialsSecretName }}{{ $mounts = append $mounts (dict "name" "nats" "mountPath" "/etc/ncsweep/nats" "readOnly" true) }}{{ end }}
{{- if .Values.nats.authorityConfigMapName }}{{ $mounts = append $mounts (dict "name" "authority" "mountPath" "/etc/ncsweep/authority" "readOnly" true) }}{{ end }}
{{- toJson (dict "list" $mounts) }}
{{- end }}
