package httpapi

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMetrics_ShowTheCountersOfOthers(t *testing.T) {
	t.Parallel()
	sent := uint64(3)
	m := newMetrics("test", []Counter{
		{Name: "auth_mails_delivered_total", Help: "Mail jobs that are done.", Value: func() uint64 { return sent }},
		{Name: "auth_rate_limited_total", Help: "Requests refused.", Labels: map[string]string{"limit": "login_ip"}, Value: func() uint64 { return 1 }},
		{Name: "auth_rate_limited_total", Help: "Requests refused.", Labels: map[string]string{"limit": "register_ip"}, Value: func() uint64 { return 2 }},
	}, []Gauge{{Name: "auth_cleanup_last_success", Help: "When it was.", Value: func() float64 { return 7 }}})
	sent++
	families, err := m.registry.Gather()
	require.NoError(t, err)
	shown := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			name := family.GetName()
			if labels := metric.GetLabel(); len(labels) > 0 {
				name += "/" + labels[0].GetValue()
			}
			shown[name] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue() // it has one of them
		}
	}
	assert.InDelta(t, 4, shown["auth_mails_delivered_total"], 0, "the number is read when it is asked for")
	assert.InDelta(t, 1, shown["auth_rate_limited_total/login_ip"], 0)
	assert.InDelta(t, 2, shown["auth_rate_limited_total/register_ip"], 0)
	assert.InDelta(t, 7, shown["auth_cleanup_last_success"], 0)
}
