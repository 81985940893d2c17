package chart

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func TestPrometheusRule_EqualsTheFileOfRules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(chartDir + "/files/alerts.yaml")
	require.NoError(t, err)
	var want monitoringv1.PrometheusRuleSpec
	require.NoError(t, yaml.UnmarshalStrict(text, &want))
	require.NotEmpty(t, want.Groups)
	values := examples(t)["monitoring"]
	rule := only[*monitoringv1.PrometheusRule](t, decode(t, mustRender(t, values, newest)))
	assert.Equal(t, want, rule.Spec)

	first := want.Groups[0].Rules[0].Alert
	child(t, values, "metrics", "prometheusRule")["disabledAlerts"] = []any{first}
	rule = only[*monitoringv1.PrometheusRule](t, decode(t, mustRender(t, values, newest)))
	for _, group := range rule.Spec.Groups {
		for _, one := range group.Rules {
			assert.NotEqual(t, first, one.Alert)
		}
	}
}

func TestDashboard_EqualsTheFile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(chartDir + "/files/dashboard.json")
	require.NoError(t, err)
	require.True(t, json.Valid(text))
	config := only[*corev1.ConfigMap](t, decode(t, mustRender(t, examples(t)["monitoring"], newest)))
	assert.JSONEq(t, string(text), config.Data["auth-service.json"])
}

// TestSecrets_AreOnlyInTheSecret looks for each value in every other manifest and in
// the notes.
func TestSecrets_AreOnlyInTheSecret(t *testing.T) {
	t.Parallel()
	values := everything(t, false)
	rendered := mustRender(t, values, newest)
	secret := only[*corev1.Secret](t, decode(t, rendered))
	delete(rendered, "secret.yaml")
	for name, v := range child(t, values, "secrets") {
		value, ok := v.(map[string]any)["value"].(string)
		require.True(t, ok)
		assert.Equal(t, value, string(secret.Data[name]))
		for path, text := range rendered {
			if value != "secret" { // the value of SMTP_PASSWORD is a common word
				assert.NotContains(t, text, value, path)
			}
			assert.NotContains(t, text, base64.StdEncoding.EncodeToString([]byte(value)), path)
		}
	}
}

// More people may read Deployments than Secrets. A plain hash of a Secret would let them try
// passwords by the billion.
func TestSecrets_TheirChecksumIsNoPlainHash(t *testing.T) {
	t.Parallel()
	values := examples(t)["redis"]
	child(t, values, "secrets")["SMTP_PASSWORD"] = map[string]any{"value": "summer2026"}
	rendered := mustRender(t, values, newest)
	secret := only[*corev1.Secret](t, decode(t, rendered))
	require.Equal(t, "summer2026", string(secret.Data["SMTP_PASSWORD"]))
	sum := podTemplate(t, decode(t, rendered)).Annotations["checksum/secret"]
	guess := "SMTP_PASSWORD: " + base64.StdEncoding.EncodeToString([]byte("summer2026"))
	for _, text := range []string{"summer2026", guess, guess + "\n"} {
		assert.NotEqual(t, fmt.Sprintf("%x", sha256.Sum256([]byte(text))), sum)
	}
	assert.Regexp(t, "^[0-9a-f]{64}$", sum)
}

func TestSecrets_AChangeRestartsThePods(t *testing.T) {
	t.Parallel()
	sum := func(password string) string {
		values := everything(t, true)
		child(t, values, "secrets")["SMTP_PASSWORD"] = map[string]any{"value": password}
		pod := only[*appsv1.Deployment](t, decode(t, mustRender(t, values, newest))).Spec.Template
		return pod.Annotations["checksum/secret"]
	}
	one, again, other := sum("one"), sum("one"), sum("two")
	assert.Equal(t, one, again)
	assert.NotEqual(t, one, other)
}
