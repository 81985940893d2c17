// Package transfer imports users from other software, and exports users.
package transfer

import "github.com/seed543b3b27/auth-service/ports"

// Ports are the driven ports of the package.
type Ports struct {
	Store  ports.Store
	Hasher ports.PasswordHasher
	Clock  ports.Clock
	IDs    ports.IDs
}
