// Package gateway gives tests a real gateway in front of the service: nginx or
// HAProxy, which keeps its connections to the service and shares them among
// clients.
//
// A test never skips: without the program it fails with the command that installs
// it. Each gateway listens on its own loopback port, keeps all its files in a
// temporary folder, and ends with the test or the test's process, even if that is
// killed. The configuration of both gateways is lenient, so that as many of a
// client's bytes as possible reach the service unchanged.
package gateway
