// Package program builds the real program and runs it as users do, for suites
// that see the service from outside. A suite's TestMain calls Main.
//
// Every process that a test starts here ends with the test, even if the test's
// process is killed.
package program
