package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	v3util "helm.sh/helm/v3/pkg/chartutil"
	v3lint "helm.sh/helm/v3/pkg/lint"
	v3support "helm.sh/helm/v3/pkg/lint/support"
	v4common "helm.sh/helm/v4/pkg/chart/common"
	v4lint "helm.sh/helm/v4/pkg/chart/v2/lint"
	v4support "helm.sh/helm/v4/pkg/chart/v2/lint/support"
)

// TestLint_StrictIsClean does `helm lint --strict`, in which warnings are failures.
func TestLint_StrictIsClean(t *testing.T) {
	t.Parallel()
	all := examples(t)
	all["defaults"] = map[string]any{}
	for name, values := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Empty(t, lintV3(values))
			assert.Empty(t, lintV4(values))
		})
	}
}

func TestLint_FindsAWrongValue(t *testing.T) {
	t.Parallel()
	wrong := map[string]any{"replicaCount": "two"}
	assert.NotEmpty(t, lintV3(wrong))
	assert.NotEmpty(t, lintV4(wrong))
}

func lintV3(values map[string]any) []string {
	version, err := v3util.ParseKubeVersion(newest)
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for _, message := range v3lint.AllWithKubeVersion(chartDir, values, namespace, version).Messages {
		if message.Severity >= v3support.WarningSev {
			found = append(found, message.Error())
		}
	}
	return found
}

func lintV4(values map[string]any) []string {
	version, err := v4common.ParseKubeVersion(newest)
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for _, message := range v4lint.RunAll(chartDir, values, namespace, v4lint.WithKubeVersion(version)).Messages {
		if message.Severity >= v4support.WarningSev {
			found = append(found, message.Error())
		}
	}
	return found
}
