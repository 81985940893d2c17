// Package mailing carries out mail jobs: it issues tokens, gives them their secrets
// and sends the mails.
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
