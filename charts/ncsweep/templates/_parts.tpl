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
{{- define "ncsweep.serviceAccount" -}}
{{- with .Values.serviceAccount }}
{{- if .create }}{{ .name | default (include "ncsweep.name" $) }}
{{- else }}{{ required "serviceAccount.name: the account that the orchestrator runs as; or serviceAccount.create=true" .name }}{{ end }}
{{- end }}
{{- end }}
{{/* Not empty if metrics are served beyond the pod itself, and if readers must show a token. */}}
{{- define "ncsweep.metricsService" -}}{{ if or .Values.metrics.service.enabled .Values.monitoring.enabled }}true{{ end }}{{- end }}
{{- define "ncsweep.metricsToken" -}}{{ if and (include "ncsweep.metricsService" .) .Values.metrics.authentication }}true{{ end }}{{- end }}
{{- define "ncsweep.metricsHost" -}}{{ include "ncsweep.name" . }}-metrics.{{ .Release.Namespace }}.svc{{- end }}
{{- define "ncsweep.install" -}}{{ .Values.install | default .Release.Name }}{{- end }}

{{/* An image, from the registry in the values: list of the root and the image. */}}
{{- define "ncsweep.image" -}}
{{- $root := index . 0 }}
{{- with $root.Values.registry }}{{ . }}/{{ end }}{{- index . 1 }}
{{- end }}

{{/* Address of a bundled server: dict of root, name and port. Pods on the host's network share its loopback. */}}
{{- define "ncsweep.bundledHost" -}}
{{- if .root.Values.hostNetwork }}127.0.0.1{{ else }}{{ .root.Release.Name }}-{{ .name }}.{{ .root.Release.Namespace }}.svc{{ end }}:{{ .port }}
{{- end }}
{{- define "ncsweep.location" -}}
{{- with .Values.bundled.s3 }}{{ if .enabled -}}
s3://ncsweep/sweeps?endpoint=http://{{ include "ncsweep.bundledHost" (dict "root" $ "name" "s3" "port" .port) }}&use_path_style=true
{{- else }}{{ required "store.location: where results are kept, as s3://bucket/prefix; or bundled.s3.enabled=true for a trial" $.Values.store.location }}{{ end }}{{ end }}
{{- end }}
{{/* A location as an expression of CEL: its base and its query. {namespace} in it stands for the Sweep's. */}}
{{- define "ncsweep.celLocation" -}}
{{- $parts := splitn "?" 2 . -}}
{"base": {{ trimSuffix "/" $parts._0 | toRawJson }}.replace("{namespace}", variables.sweepNamespace), "query": {{ with $parts._1 }}{{ print "?" . | toRawJson }}{{ else }}""{{ end }}.replace("{namespace}", variables.sweepNamespace)}
{{- end }}
{{- define "ncsweep.natsServers" -}}
{{- with .Values.bundled.nats }}{{ if .enabled -}}
nats://{{ include "ncsweep.bundledHost" (dict "root" $ "name" "nats" "port" .port) }}
{{- else }}{{ required "nats.servers: where NATS is, as nats://host:4222; or bundled.nats.enabled=true for a trial" $.Values.nats.servers }}{{ end }}{{ end }}
{{- end }}

{{/* Secret with the credentials for NATS: list of the root and who uses it. */}}
{{- define "ncsweep.natsSecret" -}}
{{- $root := index . 0 }}{{ $user := index . 1 }}
{{- if $root.Values.bundled.nats.enabled }}{{ $root.Release.Name }}-nats-{{ $user }}
{{- else if eq $user "worker" }}{{ $root.Values.nats.workerCredentialsSecretName | default $root.Values.nats.credentialsSecretName }}
{{- else }}{{ $root.Values.nats.credentialsSecretName }}{{ end }}
{{- end }}

{{/* How the store and NATS are reached, as a JSON object of environment, volumes and mounts: list of the root and "orchestrator" or "worker". */}}
{{- define "ncsweep.access" -}}
{{- $root := index . 0 }}{{ $store := $root.Values.store }}
{{- $environment := list (dict "name" "NCSWEEP_NATS" "value" (include "ncsweep.natsServers" $root)) }}
{{- $volumes := list }}{{ $mounts := list }}
{{- with ternary (printf "%s-s3" $root.Release.Name) $store.secretName $root.Values.bundled.s3.enabled }}
{{- $secret := . }}
{{- range $key := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
{{- $environment = append $environment (dict "name" $key "valueFrom" (dict "secretKeyRef" (dict "name" $secret "key" $key))) }}
{{- end }}
{{- end }}
{{- with include "ncsweep.natsSecret" . }}
{{- $environment = append $environment (dict "name" "NCSWEEP_NATS_CREDS" "value" "/etc/ncsweep/nats/user.creds") }}
{{- $volumes = append $volumes (dict "name" "nats" "secret" (dict "secretName" . "items" (list (dict "key" "user.creds" "path" "user.creds")))) }}
{{- $mounts = append $mounts (dict "name" "nats" "mountPath" "/etc/ncsweep/nats" "readOnly" true) }}
{{- end }}
{{- with $root.Values.nats.authorityConfigMapName }}
{{- $environment = append $environment (dict "name" "NCSWEEP_NATS_CA" "value" "/etc/ncsweep/authority/ca.crt") }}
{{- $volumes = append $volumes (dict "name" "authority" "configMap" (dict "name" .)) }}
{{- $mounts = append $mounts (dict "name" "authority" "mountPath" "/etc/ncsweep/authority" "readOnly" true) }}
{{- end }}
{{- with $store.authorityConfigMapName }}
{{- $environment = append $environment (dict "name" "NODE_EXTRA_CA_CERTS" "value" "/etc/ncsweep/store-authority/ca.crt") }}
{{- $volumes = append $volumes (dict "name" "store-authority" "configMap" (dict "name" .)) }}
{{- $mounts = append $mounts (dict "name" "store-authority" "mountPath" "/etc/ncsweep/store-authority" "readOnly" true) }}
{{- end }}
{{- with $store.identity }}
{{- if or .roleArn .credentialsUri }}
{{- $token := "/etc/ncsweep/identity/token" }}
{{- if .roleArn }}
{{- $environment = concat $environment (list (dict "name" "AWS_ROLE_ARN" "value" .roleArn) (dict "name" "AWS_WEB_IDENTITY_TOKEN_FILE" "value" $token)) }}
{{- else }}
{{- $environment = concat $environment (list (dict "name" "AWS_CONTAINER_CREDENTIALS_FULL_URI" "value" .credentialsUri) (dict "name" "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" "value" $token)) }}
{{- end }}
{{- $source := dict "serviceAccountToken" (dict "path" "token" "audience" .audience "expirationSeconds" 3600) }}
{{- with .tokenSecretName }}{{ $source = dict "secret" (dict "name" . "items" (list (dict "key" "token" "path" "token"))) }}{{ end }}
{{- $volumes = append $volumes (dict "name" "identity" "projected" (dict "sources" (list $source))) }}
{{- $mounts = append $mounts (dict "name" "identity" "mountPath" "/etc/ncsweep/identity" "readOnly" true) }}
{{- end }}
{{- end }}
{{- toJson (dict "environment" $environment "volumes" $volumes "mounts" $mounts) }}
{{- end }}
