package service

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/admission"
	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/eventlog"
	"github.com/seed543b3b27/auth-service/adapters/jobs"
	"github.com/seed543b3b27/auth-service/adapters/metrics"
	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/adapters/ratelimit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// measured lists the parts of the service with numbers for /metrics.
type measured struct {
	fx.In

	Queue      *jobs.Queue
	Gate       *admission.Gate
	Limiter    *ratelimit.Limiter
	Events     *eventlog.Log
	Hasher     *passwords.Hasher
	Hashing    *metrics.Hashing
	Operations *metrics.Operations
	Stock      *metrics.Stock
	DB         *database.DB
	Refused    mailRefusals
}

// collectors returns the collectors of /metrics, except those of requests and readiness.
func (m measured) collectors() []prometheus.Collector {
	build := ThisBuild()
	list := []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		metrics.Build(build.Version, build.Revision, build.Go),
		m.Operations, m.Hashing, m.Stock,
	}
	for name, pool := range m.DB.Pools() {
		list = append(list, collectors.NewDBStatsCollector(pool, name))
	}
	list = append(list, m.hashing()...)
	list = append(list, m.mailRequests()...)
	list = append(list, m.mails()...)
	return append(list, m.limitsAndEvents()...)
}

func (m measured) hashing() []prometheus.Collector {
	list := []prometheus.Collector{
		metrics.Gauge("auth_hash_queue_length", "Passwords that wait to be hashed.",
			func() float64 { return float64(m.Hasher.Stats().Waiting) }),
		metrics.Gauge("auth_hash_queue_capacity", "Passwords that may wait, if they are done in time; more are refused.",
			func() float64 { return float64(m.Hasher.Stats().Capacity) }),
		metrics.Gauge("auth_hash_workers", "Threads that hash passwords.",
			func() float64 { return float64(m.Hasher.Stats().Workers) }),
		metrics.Gauge("auth_hash_places", "Passwords that are admitted at the present pace, those that are being hashed included.",
			func() float64 { return float64(m.Hasher.Stats().Places) }),
		metrics.Gauge("auth_hash_places_held", "Places that are taken.",
			func() float64 { return float64(m.Hasher.Stats().Held) }),
		metrics.Gauge("auth_hash_predicted_wait_seconds", "How long a password that comes now would wait.",
			func() float64 { return m.Hasher.Stats().Wait.Seconds() }),
		metrics.Counter("auth_hash_admitted_total", "Requests that got a place for their passwords.", nil,
			func() uint64 { return m.Hasher.Stats().Admitted }),
		metrics.Counter("auth_hash_wasted_total", "Passwords hashed in vain: the time of the request was over before the hash was done.", nil,
			func() uint64 { return m.Hasher.Stats().Wasted }),
	}
	for cause, count := range map[string]func(passwords.Refusals) uint64{
		"full":    func(r passwords.Refusals) uint64 { return r.Full },
		"network": func(r passwords.Refusals) uint64 { return r.Network },
		"account": func(r passwords.Refusals) uint64 { return r.Account },
		"late":    func(r passwords.Refusals) uint64 { return r.Late },
		"memory":  func(r passwords.Refusals) uint64 { return r.Memory },
	} {
		list = append(list, metrics.Counter("auth_hash_refused_total", "Passwords refused, by cause.", prometheus.Labels{"cause": cause},
			func() uint64 { return count(m.Hasher.Stats().Refused) }))
	}
	return list
}

func (m measured) mailRequests() []prometheus.Collector {
	list := []prometheus.Collector{
		metrics.Gauge("auth_mail_request_places", "Requests for mails that may be in the database at once.",
			func() float64 { return float64(m.Gate.Stats().Places) }),
		metrics.Gauge("auth_mail_requests_held", "Requests for mails that are in the database or wait to be.",
			func() float64 { return float64(m.Gate.Stats().Held) }),
		metrics.Counter("auth_mail_requests_admitted_total", "Requests for mails that were admitted.", nil,
			func() uint64 { return m.Gate.Stats().Admitted }),
	}
	for cause, count := range map[string]func(admission.Refusals) uint64{
		"full":    func(r admission.Refusals) uint64 { return r.Full },
		"network": func(r admission.Refusals) uint64 { return r.Network },
		"late":    func(r admission.Refusals) uint64 { return r.Late },
	} {
		list = append(list, metrics.Counter("auth_mail_requests_refused_total", "Requests for mails refused, by cause.", prometheus.Labels{"cause": cause},
			func() uint64 { return count(m.Gate.Stats().Refused) }))
	}
	return list
}

func (m measured) mails() []prometheus.Collector {
	return []prometheus.Collector{
		metrics.Counter("auth_mails_delivered_total", "Mail jobs that are done.", nil,
			func() uint64 { return m.Queue.Counts().Delivered }),
		metrics.Counter("auth_mails_retried_total", "Failed attempts at a mail that is tried again.", nil,
			func() uint64 { return m.Queue.Counts().Retried }),
		metrics.Counter("auth_mails_rejected_total", "Mails given up because the recipient does not exist, as the mail server says.", nil,
			func() uint64 { return m.Queue.Counts().Rejected }),
		metrics.Counter("auth_mails_expired_total", "Mails given up because their time was over.", nil,
			func() uint64 { return m.Queue.Counts().Expired }),
		metrics.Counter("auth_mail_refusals_total", "Attempts that the mail server refused with 5xx, after which the mail waits.", nil,
			func() uint64 { total, _ := m.Refused(); return total }),
		metrics.Said("auth_mail_refusal", "1 while the mail server's last answer was a refusal, which the label quotes.", "answer",
			func() string { _, last := m.Refused(); return last }),
		metrics.Gauge("auth_cleanup_last_success_timestamp_seconds", "When this process last cleaned up, in Unix time; 0 if it has not.",
			func() float64 { return float64(m.Queue.Counts().CleanedUpAt) }),
	}
}

func (m measured) limitsAndEvents() []prometheus.Collector {
	list := []prometheus.Collector{
		metrics.Counter("auth_rate_limit_fallbacks_total", "Counts kept in memory because the store that replicas share failed.", nil,
			func() uint64 { return m.Limiter.Counts().Fallbacks }),
	}
	for _, limit := range ports.Limits() {
		list = append(list, metrics.Counter("auth_rate_limited_total", "Requests refused by a rate limit.",
			prometheus.Labels{"limit": string(limit)},
			func() uint64 { return m.Limiter.Counts().Refused[limit] }))
	}
	for _, t := range domain.EventTypes() {
		list = append(list, metrics.Counter("auth_events_total", "Events recorded in the audit log.",
			prometheus.Labels{"type": string(t)},
			func() uint64 { return m.Events.Count(t) }))
	}
	return list
}

// newStock returns the numbers that only the database has. It reads them while the service
// runs.
func newStock(lc fx.Lifecycle, db *database.DB, queue *jobs.Queue, schema *schema, clock ports.Clock, logger *slog.Logger) *metrics.Stock {
	stock := metrics.NewStock(logger, sessionsActive(db, clock), mailsPending(queue), schemaSteps(schema))
	lc.Append(fx.StartStopHook(stock.Start, stock.Stop))
	return stock
}

func sessionsActive(db *database.DB, clock ports.Clock) metrics.Question {
	return metrics.Question{
		Gauges: []prometheus.GaugeOpts{{
			Name: "auth_sessions_active",
			Help: "Sessions of all replicas that have neither expired nor been revoked.",
		}},
		Ask: func(ctx context.Context) (func(time.Time) []float64, error) {
			count, err := db.ActiveSessions(ctx, clock.Now())
			return func(time.Time) []float64 { return []float64{float64(count)} }, err
		},
	}
}

func mailsPending(queue *jobs.Queue) metrics.Question {
	return metrics.Question{
		Gauges: []prometheus.GaugeOpts{
			{Name: "auth_mails_pending", Help: "Mails of all replicas that are still to be delivered, 100000 at most."},
			{Name: "auth_mail_oldest_pending_seconds", Help: "Age of the oldest of them, invitations of `import --invite` aside; 0 if there is none."},
		},
		Ask: func(ctx context.Context) (func(time.Time) []float64, error) {
			pending, err := queue.Pending(ctx)
			return func(now time.Time) []float64 {
				age := 0.0
				if pending.Mails > 0 && !pending.Oldest.IsZero() {
					age = max(0, now.Sub(pending.Oldest).Seconds())
				}
				return []float64{float64(pending.Mails), age}
			}, err
		},
	}
}

func schemaSteps(s *schema) metrics.Question {
	return metrics.Question{
		Gauges: []prometheus.GaugeOpts{
			{Name: "auth_schema_steps_applied", Help: "Steps of this release's schema that the database has."},
			{Name: "auth_schema_steps_missing", Help: "Steps of this release's schema that the database lacks."},
		},
		Ask: func(ctx context.Context) (func(time.Time) []float64, error) {
			status, err := s.migrator.Status(ctx)
			applied, missing := 0.0, 0.0
			for _, step := range status {
				switch {
				case step.Applied && step.Known:
					applied++
				case step.Known:
					missing++
				}
			}
			return func(time.Time) []float64 { return []float64{applied, missing} }, err
		},
	}
}
