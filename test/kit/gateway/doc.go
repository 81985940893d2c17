// Package gateway gives tests a real gateway in front of the service, nginx or
// HAProxy, which keeps its connections to the service and shares them among
// clients.
//
// A test never skips: without the program it fails with the command that installs
// it. Each gateway listens on a loopback port of its own, has all its files in a
// temporary folder, and ends with the test, or with the test's process, however
// that ends. Both are told to be lenient with what clients send, so that as much
// as possible reaches the service as it was.
package gateway
