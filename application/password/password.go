// Package password holds the use cases by which users replace a password: by the
// present one, or by the secret of a reset or invitation mail.
package password

import "github.com/seed543b3b27/auth-service/application/internal/kit"

// Ports are the driven ports of the package.
type Ports = kit.Ports
