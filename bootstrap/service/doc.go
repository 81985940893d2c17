// Package service chooses the adapters by the configuration, wires them with fx, and
// starts and stops what runs. Besides test/authtest it is the only place that knows
// every package.
package service
