{{/* One manifest of k8s/base: labelled, and with the images of this release. Arguments: root, name, manifest. */}}
{{- define "quintet.manifest" -}}
{{- $labels := dict "app.kubernetes.io/name" .name "app.kubernetes.io/part-of" "quintet" -}}
{{- $metadata := .manifest.metadata -}}
{{- $_ := set $metadata "labels" (merge (default dict $metadata.labels) $labels (include "quintet.release" .root | fromYaml)) -}}
{{- if dig "spec" "template" "" .manifest -}}
{{- $pod := .manifest.spec.template.metadata -}}
{{- $_ := set $pod "labels" (merge (default dict $pod.labels) $labels) -}}
{{- $spec := .manifest.spec.template.spec -}}
{{- range concat $spec.containers (default list $spec.initContainers) -}}
{{- $_ := set . "image" (include "quintet.image" (dict "root" $.root "image" .image)) -}}
{{- end -}}
{{- end -}}
{{ toYaml .manifest }}
{{- end -}}

{{- define "quintet.release" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{/* Images of Quintet come from the registry and have the tag of the values; others are as they are. */}}
{{- define "quintet.image" -}}
{{- if hasPrefix "quintet/" .image -}}
{{- $values := .root.Values.image -}}
{{ $values.registry }}{{ first (splitList ":" .image) }}:{{ default .root.Chart.AppVersion $values.tag }}
{{- else -}}
{{ .image }}
{{- end -}}
{{- end -}}

{{/* A file of k8s/base as an object. Arguments: root, path. */}}
{{- define "quintet.file" -}}
{{ .root.Files.Get (printf "files/%s" .path) }}
{{- end -}}

{{/* The environment of a service, as it is in k8s/base and with what the values change. Arguments: root, name. */}}
{{- define "quintet.environment" -}}
{{- $own := include "quintet.file" (dict "root" .root "path" (printf "base/%s/kustomization.yaml" .name)) | fromYaml -}}
{{- $common := include "quintet.file" (dict "root" .root "path" "components/service/settings.yaml") | fromYaml -}}
{{- $data := $common.data -}}
{{- range (first $own.configMapGenerator).literals -}}
{{- $pair := splitn "=" 2 . -}}
{{- $_ := set $data $pair._0 $pair._1 -}}
{{- end -}}
{{- range $changes := list .root.Values.environment (index .root.Values.services .name).environment -}}
{{- range $key, $value := $changes -}}
{{- if kindIs "invalid" $value }}{{ $_ := unset $data $key }}{{ else }}{{ $_ := set $data $key $value }}{{ end -}}
{{- end -}}
{{- end -}}
{{ toYaml $data }}
{{- end -}}

{{/* The stores that enabled services need: a list of names. */}}
{{- define "quintet.stores" -}}
{{- $services := .Values.services -}}
{{- $stores := list -}}
{{- if (index $services "ip-service").enabled }}{{ $stores = append $stores "redis" }}{{ end -}}
{{- if or (index $services "blog-service").enabled (index $services "config-service").enabled -}}
{{- $stores = append $stores "mysql" -}}
{{- end -}}
{{ toJson $stores }}
{{- end -}}

{{- define "quintet.hashed" -}}
{{ .name }}-{{ toYaml .content | sha256sum | trunc 10 }}
{{- end -}}
