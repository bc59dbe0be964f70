{{/* Names do not depend on the release's name: a cluster has one such platform. */}}

{{- define "multi-nic.selector" -}}
app.kubernetes.io/name: multi-nic-cni
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* This template and the following are called with a dict of `root` and `component`. */}}
{{- define "multi-nic.labels" -}}
{{ include "multi-nic.selector" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name (.root.Chart.Version | replace "+" "_") }}
{{- end }}

{{- define "multi-nic.metadata" -}}
name: multi-nic-{{ .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "multi-nic.labels" . | nindent 2 }}
{{- end }}

{{- define "multi-nic.clusterMetadata" -}}
name: multi-nic-{{ .component }}
labels:
  {{- include "multi-nic.labels" . | nindent 2 }}
{{- end }}

{{- define "multi-nic.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: multi-nic-{{ .component }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}

{{/* Pod labels without versions, so that a new chart version alone restarts no pod. */}}
{{- define "multi-nic.podMetadata" -}}
labels:
  {{- include "multi-nic.selector" . | nindent 2 }}
  app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Also called with `image`. */}}
{{- define "multi-nic.image" -}}
{{- $image := .root.Values.image -}}
image: {{ printf "%s/multi-nic/%s:%s" $image.registry .image (default .root.Chart.AppVersion $image.tag) }}
imagePullPolicy: {{ $image.pullPolicy }}
{{- end }}

{{/* Scheduling and image pull secrets of a pod; also called with the component's `values`. */}}
{{- define "multi-nic.placement" -}}
nodeSelector:
  kubernetes.io/os: linux
  {{- with .values.nodeSelector }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "multi-nic.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "multi-nic.selector" . | nindent 8 }}
{{- end }}

{{/* Security context of pods that need no access to their node. */}}
{{- define "multi-nic.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .user }}
fsGroup: {{ .user }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "multi-nic.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/*
The settings of a service as its arguments: those of the chart (`decided`), overridden by those of the values. They are
merged here, because Spring Boot reads a repeated argument as a list.
*/}}
{{- define "multi-nic.arguments" -}}
args:
  {{- range $name, $value := mergeOverwrite (dict) .decided .values.settings }}
  - {{ printf "--%s=%v" $name $value | quote }}
  {{- end }}
{{- end }}

{{- define "multi-nic.url" -}}
https://multi-nic-ipam.{{ .root.Release.Namespace }}.svc:8443
{{- end }}

{{- define "multi-nic.tlsSecret" -}}
{{ default "multi-nic-ipam-tls" .root.Values.tls.existingSecret }}
{{- end }}

{{/* Volumes of a client of ipam-service: the CA, and a token that only ipam-service accepts. */}}
{{- define "multi-nic.clientVolumes" -}}
- name: ipam-ca
  secret:
    secretName: {{ include "multi-nic.tlsSecret" . }}
    items:
      - {key: ca.crt, path: ca.crt}
- name: ipam-token
  projected:
    sources:
      - serviceAccountToken:
          audience: multi-nic-ipam
          expirationSeconds: 3600
          path: token
{{- end }}

{{- define "multi-nic.clientMounts" -}}
- {name: ipam-ca, mountPath: /etc/multi-nic, readOnly: true}
- {name: ipam-token, mountPath: /var/run/secrets/multi-nic, readOnly: true}
{{- end }}

{{/*
A Secret with a certificate for the Service of `component` and the CA that signed it. An existing Secret is kept. The
CA's key is not stored, so no other certificate can be signed with it.
*/}}
{{- define "multi-nic.certificate" -}}
{{- $service := printf "multi-nic-%s" .component }}
{{- $namespace := .root.Release.Namespace }}
{{- $known := (lookup "v1" "Secret" $namespace (printf "%s-tls" $service)).data | default dict }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ $service }}-tls
  namespace: {{ $namespace }}
  labels:
    {{- include "multi-nic.labels" . | nindent 4 }}
type: kubernetes.io/tls
data:
  {{- if and (hasKey $known "tls.crt") (hasKey $known "tls.key") (hasKey $known "ca.crt") }}
  {{- range list "tls.crt" "tls.key" "ca.crt" }}
  {{ . }}: {{ get $known . }}
  {{- end }}
  {{- else }}
  {{- $names := list $service }}
  {{- range list "" ".svc" ".svc.cluster.local" }}
  {{- $names = append $names (printf "%s.%s%s" $service $namespace .) }}
  {{- end }}
  {{- $ca := genCAWithKey (printf "%s CA" $service) 3650 (genPrivateKey "ecdsa") }}
  {{- $certificate := genSignedCertWithKey $service nil $names 3650 $ca (genPrivateKey "ecdsa") }}
  tls.crt: {{ $certificate.Cert | b64enc }}
  tls.key: {{ $certificate.Key | b64enc }}
  ca.crt: {{ $ca.Cert | b64enc }}
  {{- end }}
{{- end }}
