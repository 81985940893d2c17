package httpapi

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMetrics_ShowTheCountersOfOthers(t *testing.T) {
	t.Parallel()
	sent := uint64(3)
	m := newMetrics("test", []Counter{{Name: "auth_mails_delivered_total", Help: "Mail jobs that are done.", Value: func() uint64 { return sent }}})
	sent++
	families, err := m.registry.Gather()
	require.NoError(t, err)
	shown := map[string]float64{}
	for _, family := range families {
		shown[family.GetName()] = family.GetMetric()[0].GetCounter().GetValue()
	}
	assert.InDelta(t, 4, shown["auth_mails_delivered_total"], 0, "the number is read when it is asked for")
}
