package capacity

import "time"

// Measured are the costs of the last run in docs/performance.md: of checks and refreshes from
// 16 clients, and the sizes and the write-ahead log from its section about growth. A login is
// not measured apart from its hash; it is taken as three refreshes, which is more statements
// than it sends.
var Measured = Costs{
	Hash:         266 * time.Millisecond, // 7.5 verifications a second on two cores
	Check:        Cost{Service: 70 * time.Microsecond, Database: 40 * time.Microsecond},
	Refresh:      Cost{Service: 160 * time.Microsecond, Database: 160 * time.Microsecond},
	Login:        Cost{Service: 3 * 160 * time.Microsecond, Database: 3 * 160 * time.Microsecond},
	UserBytes:    222 + 279,
	SessionBytes: 356 + 95,
	EventBytes:   293 + 243,
	LoginWAL:     1278,
	RefreshWAL:   443,
}

// Usual are the habits that docs/capacity.md assumes: a fifth of the users come on a day.
// Each of them makes a hundred requests that are checked and stays signed in for weeks.
var Usual = Habits{
	ActiveShare:   0.2,
	Logins:        0.25,
	Refreshes:     4,
	Checks:        100,
	PeakHourShare: 0.12,
	Burst:         2,
	Sessions:      3,
	Events:        40,
}
