// Package bootstrap reads the configuration, chooses the adapters, wires them
// with fx and offers the command line. Besides test/authtest it is the only
// place that knows every package.
package bootstrap
