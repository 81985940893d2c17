package capacity

import (
	"math"
	"time"
)

// Costs are measured on one core of the machine of docs/performance.md. A faster core
// divides all of them alike.
type Costs struct {
	// Hash is the time of a password on one core, at cost 12.
	Hash time.Duration
	// Check, Refresh and Login are the computing time of a request, without the hash.
	Check, Refresh, Login Cost
	// UserBytes, SessionBytes and EventBytes are what a row takes, with its indexes.
	UserBytes, SessionBytes, EventBytes int64
	// LoginWAL and RefreshWAL are the bytes of the write-ahead log of a request.
	LoginWAL, RefreshWAL int64
}

// Cost is the computing time of a request, in the service and in the database.
type Cost struct{ Service, Database time.Duration }

// Habits are what users do. They are assumptions: put in your own.
type Habits struct {
	// ActiveShare of the users come on a day.
	ActiveShare float64
	// Logins, Refreshes and Checks are what an active user does on a day.
	Logins, Refreshes, Checks float64
	// PeakHourShare of a day's requests come in its busiest hour.
	PeakHourShare float64
	// Burst is how much more comes in the busiest minute than on average of that hour.
	Burst float64
	// Sessions is how many rows of sessions a user has, ended ones that are not cleaned up
	// yet included.
	Sessions float64
	// Events is how many events of a user the audit log keeps.
	Events float64
}

// Limits of how much of a machine is planned for. The rest is for bursts, updates and a
// replica that is lost.
const (
	hashUse     = 0.5 // of the cores that hash
	serviceUse  = 0.5
	databaseUse = 0.5
	// coresPerReplica is the size of a replica.
	coresPerReplica = 4
	// leastReplicas survive the loss of one.
	leastReplicas = 2
	// redisKeyBytes is what a count of a limit takes in Redis; a login makes up to three.
	redisKeyBytes  = 200
	countsPerLogin = 3
)

// Need is what so many users need in the busiest minute.
type Need struct {
	Users int64
	// Logins, Refreshes and Checks are requests per second.
	Logins, Refreshes, Checks float64
	// HashCores hash; ServiceCores do everything else of the service.
	HashCores, ServiceCores float64
	// Replicas have coresPerReplica cores each.
	Replicas int
	// DatabaseCores are those of PostgreSQL.
	DatabaseCores float64
	// Transactions is the number of writing transactions per second, WAL its bytes.
	Transactions float64
	WAL          int64
	// Storage is the size of the tables and indexes, in bytes.
	Storage int64
	// Redis is the memory for the counts of an hour, in bytes, if limits count there.
	Redis int64
}

// Plan returns what so many users with these habits need at these costs.
func Plan(users int64, c Costs, h Habits) Need {
	perSecond := float64(users) * h.ActiveShare * h.PeakHourShare * h.Burst / time.Hour.Seconds()
	n := Need{Users: users, Logins: perSecond * h.Logins, Refreshes: perSecond * h.Refreshes, Checks: perSecond * h.Checks}
	n.HashCores = n.Logins * c.Hash.Seconds() / hashUse
	n.ServiceCores = n.sum(c, func(c Cost) time.Duration { return c.Service }) / serviceUse
	n.DatabaseCores = n.sum(c, func(c Cost) time.Duration { return c.Database }) / databaseUse
	n.Replicas = max(leastReplicas, int(math.Ceil((n.HashCores+n.ServiceCores)/coresPerReplica)))
	n.Transactions = n.Logins + n.Refreshes
	n.WAL = int64(n.Logins*float64(c.LoginWAL) + n.Refreshes*float64(c.RefreshWAL))
	n.Storage = int64(float64(users) * (float64(c.UserBytes) + h.Sessions*float64(c.SessionBytes) + h.Events*float64(c.EventBytes)))
	n.Redis = int64(n.Logins / h.Burst * time.Hour.Seconds() * countsPerLogin * redisKeyBytes)
	return n
}

// sum returns the cores that all requests but hashes take, by one part of their cost.
func (n Need) sum(c Costs, part func(Cost) time.Duration) float64 {
	return n.Checks*part(c.Check).Seconds() + n.Refreshes*part(c.Refresh).Seconds() + n.Logins*part(c.Login).Seconds()
}
