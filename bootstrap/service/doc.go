// Package service chooses the adapters for a configuration, wires them with fx, and starts
// and stops the service. Only this package uses fx.
package service
