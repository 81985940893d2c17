// Package program builds the real program and runs it as its users do: for
// suites that see the service from outside. A suite's TestMain calls Main.
//
// Everything a test starts here ends with it, even if the test's process is
// killed.
package program
