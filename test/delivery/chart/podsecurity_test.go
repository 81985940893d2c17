package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// TestPods_MeetTheRestrictedStandard applies the API server's check of a
// namespace that enforces the standard.
func TestPods_MeetTheRestrictedStandard(t *testing.T) {
	t.Parallel()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	require.NoError(t, err)
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for name, values := range examples(t) {
		pod := podTemplate(t, decode(t, mustRender(t, values, newest)))
		verdict := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec))
		assert.True(t, verdict.Allowed, "%s: %s", name, verdict.ForbiddenDetail())

		pod.Spec.Containers[0].SecurityContext.Capabilities = nil
		verdict = policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec))
		assert.False(t, verdict.Allowed, "%s: a container that keeps its capabilities must be refused", name)
	}
}
