package ports

import "github.com/seed543b3b27/auth-service/domain"

// ListFactorsCommand asks for the caller's second factors.
type ListFactorsCommand struct{ Principal domain.Principal }

// FactorsResult is a user's second factors.
type FactorsResult struct {
	// Factors are the confirmed ones, the oldest first.
	Factors []*domain.Factor
	// RecoveryCodesLeft is how many recovery codes are not used.
	RecoveryCodesLeft int
}

// AddTOTPCommand asks for a new authenticator application.
type AddTOTPCommand struct {
	Principal domain.Principal
	// Name is what the user calls it; it may be empty.
	Name         string
	Confirmation Confirmation
	Origin       Origin
}

// AddTOTPResult is a factor that waits for its first code.
type AddTOTPResult struct {
	Factor *domain.Factor
	// Secret is the secret in base32, and URI the otpauth URI with it.
	Secret, URI domain.Secret
}

// ConfirmTOTPCommand confirms a factor by its first code.
type ConfirmTOTPCommand struct {
	Principal domain.Principal
	FactorID  string
	Code      domain.Secret
	Origin    Origin
}

// ConfirmTOTPResult is a confirmed factor.
type ConfirmTOTPResult struct {
	Factor *domain.Factor
	// RecoveryCodes come with the first factor of an account; empty for a further one.
	RecoveryCodes []domain.Secret
}

// RemoveFactorCommand removes one of the caller's second factors.
type RemoveFactorCommand struct {
	Principal    domain.Principal
	FactorID     string
	Confirmation Confirmation
	Origin       Origin
}

// RenewRecoveryCodesCommand asks for new recovery codes.
type RenewRecoveryCodesCommand struct {
	Principal    domain.Principal
	Confirmation Confirmation
	Origin       Origin
}

// RecoveryCodesResult is new recovery codes.
type RecoveryCodesResult struct{ Codes []domain.Secret }

// ListUserFactorsCommand asks for a user's second factors.
type ListUserFactorsCommand struct {
	Principal domain.Principal
	UserID    string
}

// RemoveUserFactorsCommand removes second factors of a user.
type RemoveUserFactorsCommand struct {
	Principal domain.Principal
	UserID    string
	// FactorID is the factor; all are removed if it is empty.
	FactorID string
	Origin   Origin
}
