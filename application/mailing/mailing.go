// Package mailing does what mail jobs intend: it issues tokens, gives them their
// secrets, and sends.
package mailing

import "github.com/seed543b3b27/auth-service/ports"

// Ports are the driven ports of the package.
type Ports struct {
	Store  ports.Store
	Mailer ports.Mailer
	Random ports.Random
	Clock  ports.Clock
	IDs    ports.IDs
}
