package bootstrap

import (
	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// counters are what the parts of the service count, for /metrics.
func (v visible) counters() []httpapi.Counter {
	counters := []httpapi.Counter{
		{Name: "auth_mails_delivered_total", Help: "Mail jobs that are done.", Value: func() uint64 { return v.Queue.Counts().Delivered }},
		{Name: "auth_mails_retried_total", Help: "Failed attempts at a mail that is tried again.", Value: func() uint64 { return v.Queue.Counts().Retried }},
		{Name: "auth_mails_rejected_total", Help: "Mails that the mail server refused for good.", Value: func() uint64 { return v.Queue.Counts().Rejected }},
		{Name: "auth_mails_expired_total", Help: "Mails given up since their time was over.", Value: func() uint64 { return v.Queue.Counts().Expired }},
		{
			Name: "auth_rate_limit_fallbacks_total", Help: "Counts kept in memory, since the store that replicas share failed.",
			Value: func() uint64 { return v.Limiter.Counts().Fallbacks },
		},
	}
	for _, limit := range ports.Limits() {
		counters = append(counters, httpapi.Counter{
			Name: "auth_rate_limited_total", Help: "Requests refused by a rate limit.", Labels: map[string]string{"limit": string(limit)},
			Value: func() uint64 { return v.Limiter.Counts().Refused[limit] },
		})
	}
	for _, t := range domain.EventTypes() {
		counters = append(counters, httpapi.Counter{
			Name: "auth_events_total", Help: "Events recorded in the audit log.", Labels: map[string]string{"type": string(t)},
			Value: func() uint64 { return v.Events.Count(t) },
		})
	}
	return counters
}

// gauges are how the parts of the service are, for /metrics.
func (v visible) gauges() []httpapi.Gauge {
	return []httpapi.Gauge{{
		Name: "auth_cleanup_last_success", Help: "When this process last cleaned up, in Unix seconds; zero if it has not.",
		Value: func() float64 { return float64(v.Queue.Counts().CleanedUpAt) },
	}}
}
