package chart

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/api/resource"
)

// A node of two cores has about 1.9 to give, and the pods of the system take up to 0.8 of
// them. During a rollout two replicas may have to fit on one node.
func TestExamples_FitSmallNodes(t *testing.T) {
	t.Parallel()
	free := resource.MustParse("1100m")
	for name, values := range examples(t) {
		pod := podOf(t, decode(t, mustRender(t, values, newest)))
		for _, container := range append(pod.Containers, pod.InitContainers...) {
			requested := container.Resources.Requests.Cpu()
			assert.False(t, requested.IsZero(), "%s: without a request, a busy node gives %s nothing", name, container.Name)
			requested.Add(*requested)
			assert.LessOrEqual(t, requested.Cmp(free), 0, "%s: two replicas request %s", name, requested)
			assert.True(t, container.Resources.Limits.Cpu().IsZero(), name)
		}
	}
}
