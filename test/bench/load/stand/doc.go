// Package stand starts everything that the bench measures, on any Linux machine with Go and
// the programs of PostgreSQL: a private PostgreSQL, the real service with its default
// configuration, the floor, and a server that takes mails. Each program has a session of
// its own, as in a container or a systemd unit: Linux shares the processors among sessions
// first and applies niceness only within one (autogroups, sched(7)). Everything ends with
// the bench, also if that is killed, and the stand ends nothing else.
package stand
