// Package ports holds the interfaces between the application and the adapters, and
// the messages that cross them.
//
// Driving ports are the use cases; UseCases lists them. Driven ports are what the
// use cases need: stores, jobs, mail, hashing, signing, the clock and randomness.
// Each method's comment ends with the errors that it returns besides those of a
// cancelled context.
package ports
