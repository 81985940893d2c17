package chart

import (
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// decoder returns a decoder that refuses unknown fields, like a strict API server.
func decoder(t testing.TB) runtime.Decoder {
	t.Helper()
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, gatewayv1.Install, monitoringv1.AddToScheme} {
		require.NoError(t, add(known))
	}
	return serializer.NewCodecFactory(known, serializer.EnableStrict).UniversalDeserializer()
}

// decode decodes every manifest strictly.
func decode(t testing.TB, m manifests) []runtime.Object {
	t.Helper()
	var found []runtime.Object
	for _, text := range m.objects() {
		object, _, err := decoder(t).Decode([]byte(text), nil, nil)
		require.NoError(t, err, text)
		found = append(found, object)
	}
	return found
}

// only returns the single object of a type.
func only[T runtime.Object](t testing.TB, objects []runtime.Object) T {
	t.Helper()
	var found []T
	for _, object := range objects {
		if one, ok := object.(T); ok {
			found = append(found, one)
		}
	}
	require.Len(t, found, 1)
	return found[0]
}

func TestManifests_HaveKnownTypesAndFields(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for name, values := range examples(t) {
		for _, kubernetes := range []string{oldest, newest} {
			for _, object := range decode(t, mustRender(t, values, kubernetes)) {
				kinds[object.GetObjectKind().GroupVersionKind().Kind] = true
			}
		}
		require.NotEmpty(t, kinds, name)
	}
	for _, kind := range []string{
		"Deployment", "StatefulSet", "Service", "ServiceAccount", "Ingress", "HTTPRoute", "HorizontalPodAutoscaler", "PodDisruptionBudget",
		"NetworkPolicy", "ServiceMonitor", "PrometheusRule", "ConfigMap", "PersistentVolumeClaim",
	} {
		assert.Contains(t, kinds, kind, "an example must have one")
	}
}

func TestManifests_UnknownFieldIsRefused(t *testing.T) {
	t.Parallel()
	text := mustRender(t, examples(t)["gateway-api"], newest)["deployment.yaml"]
	for _, wrong := range []string{
		strings.Replace(text, "minReadySeconds:", "minReadySecond:", 1),
		strings.Replace(text, "  template:", "  template: {}\n  template:", 1),
		strings.Replace(text, "apps/v1", "apps/v9", 1),
	} {
		require.NotEqual(t, text, wrong)
		_, _, err := decoder(t).Decode([]byte(wrong), nil, nil)
		require.Error(t, err)
	}
}
